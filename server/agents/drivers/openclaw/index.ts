export { type GatewayPlace, gatewayArguments, gatewayConfig, gatewayEnv } from './config.ts'
export { INCOMING, clearScript, forgetScript, packScript, syncScript, unpackScript } from './container-scripts.ts'
export {
  AGENT_ROOT,
  AGENT_USER,
  GATEWAY_PORT,
  MAX_PROCESSES,
  STOP_SECONDS,
  TEMPORARY_BYTES,
  containerFacts,
  gatewayContainer,
  scriptCommand,
} from './container.ts'
export { askGateway, isGatewayReady } from './gateway-client.ts'
export { MAX_LINE_CHARACTERS, MAX_LOG_BYTES, lastLines, toLogLine } from './log-lines.ts'
export { waitUntilReady } from './readiness.ts'
export { OPENCLAW_VERSION } from './version.ts'
export { type WorkspaceFile, countConfirmed, workspaceFiles } from './workspace.ts'
