import type { Price } from './payment.ts'

// Apart from the plugins, so that what takes payments can ask for prices without knowing what plugins need.
const prices = new Map<string, Price>()

/** Sets what a call of a plugin costs, in millionths of a US dollar. */
export const setPluginPrice = (plugin: string, amountMicroUsd: number): void =>
  void prices.set(plugin, { plugin, amountMicroUsd, description: `One ${plugin} call` })

/** What a call of the plugin costs; undefined when there is no such plugin. */
export const pluginPriceOf = (plugin: string): Price | undefined => prices.get(plugin)
