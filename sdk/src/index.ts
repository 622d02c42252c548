export { Agentbot, type AgentbotCredential, type AgentbotOptions, type AgentbotSettings } from './client.ts'
export {
  AgentbotError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PaymentRequiredError,
  PermissionError,
  RateLimitError,
  ServerError,
  TimeoutError,
} from './errors.ts'
export type { CallOptions } from './http.ts'
export type { AgentConfigs, Agents } from './resources/agents.ts'
export type { Chat, MessageFilter } from './resources/chat.ts'
export type { Keys } from './resources/keys.ts'
export type { Memories } from './resources/memory.ts'
export type {
  Agent,
  AgentConfig,
  AgentConfigChange,
  AgentCreated,
  AgentDetail,
  AgentStats,
  AgentStatus,
  AgentUpdated,
  ApiKey,
  ApiKeyCreated,
  ChatEvent,
  ChatReply,
  CreateAgent,
  CreateApiKey,
  KeyCheck,
  LifecycleResult,
  Memory,
  Message,
  ProvisionAgent,
  RestartResult,
  SendMessage,
  UpdateAgent,
} from './types.ts'
