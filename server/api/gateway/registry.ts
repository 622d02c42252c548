import type { Plugin } from './plugins/index.ts'
import { setPluginPrice } from '#server/money/payments/index.ts'

const plugins = new Map<string, Plugin>()

/** Offers a plugin from now on; one that is offered already stays. @throws Error when another one has its id. */
export function registerPlugin(plugin: Plugin): void {
  if (plugins.get(plugin.id) === plugin) return
  if (plugins.has(plugin.id)) throw new Error(`there is a plugin "${plugin.id}" already`)
  plugins.set(plugin.id, plugin)
  setPluginPrice(plugin.id, plugin.priceMicroUsd)
}

export const findPlugin = (id: string): Plugin | undefined => plugins.get(id)

/** All plugins there are, in the order in which they were registered. */
export const listPlugins = (): Plugin[] => [...plugins.values()]
