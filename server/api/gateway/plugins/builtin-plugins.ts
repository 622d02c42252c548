import { agentPlugin } from './agent.ts'
import { generateTextPlugin } from './generate-text.ts'
import { sttPlugin } from './stt.ts'
import { ttsPlugin } from './tts.ts'

/** The plugins that are part of this project, in the order in which the gateway lists them. */
export const builtinPlugins = [agentPlugin, generateTextPlugin, ttsPlugin, sttPlugin]
