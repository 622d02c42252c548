import type { Env } from '#server/platform/core/index.ts'
import type { RuntimeAgent } from '../interface/index.ts'
import { gatewayArguments, gatewayConfig, gatewayEnv, type GatewayPlace } from './config.ts'
import { OPENCLAW_VERSION } from './version.ts'

/** Default image: the one its makers publish, of the version this server was tried with. */
const OPENCLAW_IMAGE = `ghcr.io/openclaw/openclaw:${OPENCLAW_VERSION}`

/** What is known of a driver that runs OpenClaw in containers before it is asked anything. */
export const containerFacts = <Name extends 'docker' | 'kubernetes'>(name: Name, { RUNTIME_IMAGE }: Pick<Env, 'RUNTIME_IMAGE'>) => ({
  name,
  defaultImage: RUNTIME_IMAGE ?? OPENCLAW_IMAGE,
  version: null,
  inProcess: false,
  endsWithServer: false,
  runsElsewhere: name === 'kubernetes',
  usesModelsOfServer: true,
})

/** Where the volume of an agent is mounted in its container. */
export const AGENT_ROOT = '/agent'

/** Port of the gateway inside of its container. */
export const GATEWAY_PORT = 18_789

/** User and group of everything that runs in a container of an agent. */
export const AGENT_USER = 1000

/** Processes and threads one agent may have. */
export const MAX_PROCESSES = 512

/** Room for temporary files; it counts as memory of the agent. */
export const TEMPORARY_BYTES = 256 * 1024 * 1024

/** How long a gateway may take to end before it is killed. */
export const STOP_SECONDS = 20

const placeOf = (modelsUrl: string, configPath: string): GatewayPlace => ({
  home: `${AGENT_ROOT}/home`,
  stateDir: `${AGENT_ROOT}/state`,
  workspace: `${AGENT_ROOT}/workspace`,
  configPath,
  port: GATEWAY_PORT,
  bind: 'lan',
  modelsUrl,
  tools: 'coding',
})

/** What makes any OpenClaw image the gateway of this agent. The program lies in the image's working directory. */
export function gatewayContainer(agent: RuntimeAgent, modelsUrl: string, configPath = `${AGENT_ROOT}/home/openclaw.json`) {
  const place = placeOf(modelsUrl, configPath)
  return {
    entrypoint: ['node'],
    arguments: ['openclaw.mjs', ...gatewayArguments(place)],
    env: gatewayEnv(agent, place),
    config: JSON.stringify(gatewayConfig(agent, place)),
  }
}

/** Runs a script of `container-scripts.ts`; the first argument it sees is where the volume is. */
export const scriptCommand = (script: string, ...rest: string[]): string[] => ['node', '-e', script, AGENT_ROOT, ...rest]
