import type { Plugin } from './plugins/plugin.ts'
import { agentPlugin } from './plugins/agent.ts'
import { generateTextPlugin } from './plugins/generate-text.ts'
import { sttPlugin } from './plugins/stt.ts'
import { ttsPlugin } from './plugins/tts.ts'
import { setPrice } from '#server/money/payments/prices.ts'

const plugins = new Map<string, Plugin>()

/** Offers a plugin from now on. @throws Error when another one has its id. */
export function registerPlugin(plugin: Plugin): void {
  if (plugins.has(plugin.id)) throw new Error(`there is a plugin "${plugin.id}" already`)
  plugins.set(plugin.id, plugin)
  setPrice(plugin.id, plugin.priceMicroUsd)
}

export const findPlugin = (id: string): Plugin | undefined => plugins.get(id)

/** All plugins there are, in the order in which they were registered. */
export const listPlugins = (): Plugin[] => [...plugins.values()]

for (const plugin of [agentPlugin, generateTextPlugin, ttsPlugin, sttPlugin]) registerPlugin(plugin)
