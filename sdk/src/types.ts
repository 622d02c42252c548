import type { components, operations } from './generated/api.ts'

type Schemas = components['schemas']

/** The JSON body an operation takes. */
type Body<Id extends keyof operations> = operations[Id] extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never

/** The JSON body of an operation's success. */
export type Answer<Id extends keyof operations> = operations[Id]['responses'] extends infer R
  ? R extends { 200: { content: { 'application/json': infer A } } }
    ? A
    : R extends { 201: { content: { 'application/json': infer A } } }
      ? A
      : never
  : never

/** An agent as lists show it. */
export type Agent = Schemas['Agent']
/** An agent with its runtime and verification facts. */
export type AgentDetail = Schemas['AgentDetail']
/** Instructions, model and further settings of an agent. Keys it does not know are stored and given back. */
export type AgentConfig = Schemas['AgentConfig']
/** Measured resource use and message figures. */
export type AgentStats = Schemas['AgentStats']
/** State of the agent runtime. */
export type AgentStatus = Schemas['AgentStatus']
/** What a start, stop or reset led to. */
export type LifecycleResult = Schemas['LifecycleResult']
/** What a restart led to. */
export type RestartResult = Answer<'restartAgent'>
/** What `agents.create` answers. */
export type AgentCreated = Schemas['AgentCreated']
/** What `agents.update` answers. */
export type AgentUpdated = Schemas['AgentUpdated']
/** Name and configuration of a new agent. */
export type CreateAgent = Body<'createAgent'>
/** Name, model and configuration of a new agent that is started at once. */
export type ProvisionAgent = Body<'provisionAgent'>
/** Plan, provider or configuration to change. */
export type UpdateAgent = Body<'updateAgent'>
/** Configuration keys to change; null removes one. */
export type AgentConfigChange = Body<'updateAgentConfig'>

/** One stored message of a conversation. */
export type Message = Schemas['Message']
/** A message to an agent. */
export type SendMessage = Body<'sendChatMessage'>
/** A message and what the agent answered. */
export type ChatReply = Schemas['ChatReply']
/** What happens while an agent answers: `start`, any number of `reasoning`, `delta`, `tool-input` and `tool`, then `done` with the whole reply. */
export type ChatEvent =
  | { type: 'start'; id: string; agentId: string; sessionId: string }
  | { type: 'reasoning'; text: string }
  | { type: 'delta'; text: string }
  | { type: 'tool-input'; id: string; name: string; text: string }
  | { type: 'tool'; name: string; input: unknown; result: unknown }
  | ({ type: 'done' } & ChatReply)

/** What is remembered, by key. */
export type Memory = Answer<'getMemory'>

/** An API key, without its secret part. */
export type ApiKey = Schemas['ApiKey']
/** A new API key. `key` is shown this once. */
export type ApiKeyCreated = Schemas['ApiKeyCreated']
/** Name, and limits if any, of a new API key. */
export type CreateApiKey = Body<'createApiKey'>
/** Whom an API key belongs to. */
export type KeyCheck = Schemas['KeyCheck']
