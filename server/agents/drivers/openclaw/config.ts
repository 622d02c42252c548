import type { RuntimeAgent } from '../interface/index.ts'

/** Where a gateway keeps its things and is reached. Paths are those the gateway itself sees. */
export interface GatewayPlace {
  home: string
  stateDir: string
  workspace: string
  configPath: string
  port: number
  bind: 'loopback' | 'lan'
  /** Where the gateway reaches the `/v1` of this server. */
  modelsUrl: string
  /** `coding` lets the model run commands as the gateway's own user: for containers only. */
  tools: 'minimal' | 'coding'
}

/** Name of this server among the gateway's model providers. */
const PROVIDER = 'platform'

/** The gateway's configuration: one agent, whose only model provider is this server. Holds the agent's model key. */
export function gatewayConfig(agent: RuntimeAgent, place: GatewayPlace): Record<string, unknown> {
  const { config, model, modelKey } = agent
  return {
    gateway: {
      mode: 'local',
      bind: place.bind,
      auth: { mode: 'token' },
      controlUi: { enabled: false },
      http: { endpoints: { chatCompletions: { enabled: true } } },
    },
    logging: { file: `${place.stateDir}/gateway.log` },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
    plugins: { enabled: false },
    browser: { enabled: false },
    cron: { enabled: false },
    discovery: { mdns: { mode: 'off' } },
    // Both profiles offer `gateway`, with which a model updates OpenClaw; which version runs is this server's business.
    tools: { profile: place.tools, toolSearch: false, deny: ['gateway', 'plugins', 'openclaw'] },
    models: {
      mode: 'replace',
      catalogRefresh: { enabled: false },
      providers: {
        [PROVIDER]: {
          baseUrl: place.modelsUrl,
          apiKey: modelKey,
          api: 'openai-completions',
          models: [
            {
              id: model,
              name: model,
              reasoning: false,
              input: ['text'],
              // This server counts what calls cost.
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow: 128_000,
              maxTokens: config.maxTokens ?? 4096,
            },
          ],
        },
      },
    },
    agents: {
      defaults: {
        model: { primary: `${PROVIDER}/${model}` },
        workspace: place.workspace,
        heartbeat: { every: '0m' },
        skipBootstrap: true,
      },
      entries: { main: { name: agent.name } },
    },
  }
}

/** Environment of the gateway. Nothing else of this server's own is passed on. */
export const gatewayEnv = (agent: RuntimeAgent, { home, stateDir, configPath }: GatewayPlace): Record<string, string> => ({
  HOME: home,
  OPENCLAW_HOME: home,
  OPENCLAW_STATE_DIR: stateDir,
  OPENCLAW_CONFIG_PATH: configPath,
  OPENCLAW_GATEWAY_TOKEN: agent.token,
  OPENCLAW_DISABLE_BONJOUR: '1',
  OPENCLAW_NO_RESPAWN: '1',
  OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
  OPENCLAW_SKIP_CHANNELS: '1',
  OPENCLAW_OFFLINE: '1',
  OPENCLAW_NO_AUTO_UPDATE: '1',
})

/** What follows the program's name. */
export const gatewayArguments = ({ bind, port }: GatewayPlace): string[] => ['gateway', 'run', '--bind', bind, '--port', String(port)]
