import { z } from 'zod'
import { AccountPlan, PlanName } from '#server/money/billing/billing.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'

const agentName = z.string().trim().min(1, 'expected 1 to 64 characters').max(64, 'expected 1 to 64 characters')

export const AgentStatus = z
  .enum(['pending', 'provisioning', 'starting', 'running', 'active', 'degraded', 'repairing', 'crash_loop', 'stopped', 'error'])
  .meta({ id: 'AgentStatus', description: 'State of the agent runtime.' })
export type AgentStatus = z.infer<typeof AgentStatus>

export const AgentConfig = z
  .looseObject({
    name: z.string().max(64).optional(),
    description: z.string().max(2000).optional(),
    instructions: z.string().max(100_000).optional().describe('System prompt.'),
    model: z.string().min(1).max(200).optional(),
    fallbacks: z.array(z.string().max(200)).max(10).optional().describe('Models to try when the first one fails.'),
    aiProvider: z.string().max(64).optional(),
    temperature: z.number().min(0).max(2).optional(),
    maxTokens: z.int().min(1).optional(),
    tools: z.array(z.string().max(64)).max(100).optional().describe('Tools the agent may use; all when left out.'),
    memoryEnabled: z.boolean().optional().describe('Whether the agent can use its memory; true when left out.'),
    memoryLimit: z.int().min(0).max(500).optional().describe('Messages kept in context; 20 when left out.'),
    channels: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ id: 'AgentChannels', description: 'Channel settings by channel name. Tokens inside are write-only.' }),
  })
  .meta({ id: 'AgentConfig', description: 'Agent configuration. Keys not listed here are stored and given back unchanged.' })
export type AgentConfig = z.infer<typeof AgentConfig>

/** A change of the configuration: keys are merged, and null removes one. */
export const AgentConfigChange = z
  .looseObject(
    Object.fromEntries(Object.entries(AgentConfig.shape).map(([key, schema]) => [key, schema.nullable()])) as {
      [K in keyof typeof AgentConfig.shape]: z.ZodNullable<(typeof AgentConfig.shape)[K]>
    },
  )
  .meta({ id: 'AgentConfigChange', description: 'Keys to change; null removes one.' })
export type AgentConfigChange = z.infer<typeof AgentConfigChange>

export const Agent = z
  .object({
    id: z.string(),
    name: z.string(),
    model: z.string().nullable().describe('Model the agent talks with.'),
    status: AgentStatus,
    websocketUrl: z
      .string()
      .nullable()
      .describe('Where a client opens the gateway socket. Null for agents that run inside the server: they have none.'),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Agent', description: 'An agent as lists show it.' })
export type Agent = z.infer<typeof Agent>

/** Most agents one list gives back. */
export const MAX_LISTED_AGENTS = 1000

export const Agents = z.array(Agent).max(MAX_LISTED_AGENTS)

export const VerificationType = z.enum(['eas', 'coinbase', 'ens', 'webauthn']).meta({ id: 'VerificationType' })

export const AgentDetail = z
  .object({
    ...Agent.shape,
    startedAt: timestamp.nullable().describe('Last start of the runtime; null if it never ran.'),
    plan: AccountPlan,
    aiProvider: z.string(),
    subdomain: z.string().describe('Host name the agent answers on.'),
    url: z.url(),
    openclawVersion: z.string().nullable().describe('Version of the agent runtime.'),
    verified: z.boolean(),
    verificationType: VerificationType.nullable(),
    attestationUid: z.string().nullable(),
    verifiedAt: timestamp.nullable(),
  })
  .meta({ id: 'AgentDetail', description: 'An agent with its runtime and verification facts.' })
export type AgentDetail = z.infer<typeof AgentDetail>

export const ListAgents = z.object({
  limit: z.int().min(1).max(MAX_LISTED_AGENTS).default(MAX_LISTED_AGENTS).describe('Most agents to give back.'),
  offset: z.int().min(0).max(2_147_483_647).default(0).describe('Agents to skip, the newest first.'),
})
export type ListAgents = z.infer<typeof ListAgents>
export const AgentRef = z.object({ agentId: z.string().min(1) })
export type AgentRef = z.infer<typeof AgentRef>

export const CreateAgent = z.object({
  name: agentName,
  config: z
    .looseObject({ ...AgentConfig.shape, plan: PlanName.optional() })
    .optional()
    .meta({ id: 'NewAgentConfig' }),
})
export type CreateAgent = z.infer<typeof CreateAgent>

export const ProvisionAgent = z.object({
  name: agentName,
  model: z.string().min(1).max(200).optional().describe('A model of this server; the default model when left out.'),
  config: AgentConfig.optional(),
  tier: z
    .enum(['starter', 'pro', 'enterprise', 'solo', 'collective', 'label', 'network'])
    .meta({ id: 'PlanHint' })
    .optional()
    .describe('Hint only.'),
})
export type ProvisionAgent = z.infer<typeof ProvisionAgent>

export const UpdateAgent = z
  .object({
    agentId: z.string().min(1),
    plan: PlanName.optional(),
    aiProvider: z.string().min(1).max(64).optional(),
    config: AgentConfig.optional(),
  })
  .refine(
    ({ plan, aiProvider, config }) => plan !== undefined || aiProvider !== undefined || config !== undefined,
    'expected at least one of plan, aiProvider, config',
  )
export type UpdateAgent = z.infer<typeof UpdateAgent>

export const UpdateAgentConfig = z.object({ agentId: z.string().min(1), config: AgentConfigChange })
export type UpdateAgentConfig = z.infer<typeof UpdateAgentConfig>

export const AgentDeleted = z.object({ id: z.string(), deleted: z.literal(true) }).meta({ id: 'AgentDeleted' })

export const LifecycleStatus = z
  .enum(['active', 'starting', 'stopped', 'restarting', 'updating', 'repaired', 'reset'])
  .meta({ id: 'AgentLifecycleStatus', description: 'State right after the action.' })

export const LifecycleResult = z
  .object({ success: z.literal(true), status: LifecycleStatus, message: z.string().optional() })
  .meta({ id: 'LifecycleResult' })
export type LifecycleResult = z.infer<typeof LifecycleResult>

export const RestartResult = z
  .object({
    ...LifecycleResult.shape,
    healedLegacyModel: z.boolean().describe('True when a retired model was swapped for a current one.'),
    healMessage: z.string().describe('What the swap did, or `skip`.'),
    openclawVersion: z.string().nullable(),
  })
  .meta({ id: 'RestartResult' })
export type RestartResult = z.infer<typeof RestartResult>

export const AgentStats = z
  .object({
    agentId: z.string(),
    cpu: z.string().nullable().describe('CPU share since the start, such as `2.40%`.'),
    memory: z.string().nullable().describe('Memory used, optionally with the limit. Null for agents that run inside the server.'),
    memoryPercent: z.string().nullable(),
    network: z.string().nullable().describe('Bytes in / bytes out. Null for agents that run inside the server.'),
    uptime: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Milliseconds since the runtime started.'),
    uptimeFormatted: z.string().nullable(),
    status: AgentStatus,
    pids: z.string().nullable().describe('Processes in the runtime. Null for agents that run inside the server.'),
    messagesProcessed: z.int().min(0),
    messagesPerHour: z
      .number()
      .min(0)
      .describe('Over the last 24 hours, or since the agent was made if that is shorter, but over one hour at the least.'),
    averageResponseTime: z.number().min(0).nullable().describe('Milliseconds from the message to the end of its answer.'),
    successRate: z.string().nullable().describe('Percent with two decimals.'),
    errorRate: z.string().nullable().describe('Percent with two decimals.'),
    cpuTimeMs: z
      .number()
      .min(0)
      .describe('CPU time of the server while turns of this agent ran, shared evenly with turns that ran at the same time.'),
    wallTimeMs: z.int().min(0).meta({ format: 'int64', description: 'Time its turns took, model included.' }),
    storedBytes: z.int().min(0).meta({ format: 'int64', description: 'Bytes of its messages and memory.' }),
    queueLength: z.int().min(0).describe('Messages that wait for their answer.'),
    inputTokens: z.int().min(0).meta({ format: 'int64', description: 'Tokens that providers reported.' }),
    outputTokens: z.int().min(0).meta({ format: 'int64', description: 'Tokens that providers reported.' }),
    timestamp: timestamp.describe('When the sample was taken.'),
  })
  .meta({ id: 'AgentStats', description: 'Measured resource use and message figures. A field is null when there is nothing to measure.' })
export type AgentStats = z.infer<typeof AgentStats>

/** The agent of the account that is meant; the oldest when left out. */
const agentChoice = { agentId: z.string().min(1).optional().describe('Which of your agents; the oldest when left out.') }
export const AgentChoice = z.object(agentChoice)
export type AgentChoice = z.infer<typeof AgentChoice>

export const AgentHealth = z
  .object({
    status: z.enum(['running', 'stopped', 'starting', 'error', 'unknown']).meta({ id: 'AgentHealthStatus' }),
    version: z.string(),
    apiVersion: z.string(),
    uptime: z.int().min(0).describe('Seconds since the runtime started; 0 when it is down.'),
    model: z.string().nullable(),
    channels: z.array(z.string()),
    skills: z.array(z.string()),
    lastSeen: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Last sign of life. Unix time in milliseconds.'),
  })
  .meta({ id: 'AgentHealth' })
export type AgentHealth = z.infer<typeof AgentHealth>

export const AgentSkill = z
  .object({ id: z.string(), name: z.string(), description: z.string(), enabled: z.boolean() })
  .meta({ id: 'AgentSkill' })
export const AgentSkills = z.array(AgentSkill)
export type AgentSkill = z.infer<typeof AgentSkill>

export const SwitchSkill = z.object({
  ...agentChoice,
  skillId: z.string().min(1, 'expected the id of a skill'),
  enabled: z.boolean().default(false),
})
export type SwitchSkill = z.infer<typeof SwitchSkill>
export const SkillSwitched = z.object({ success: z.literal(true), skillId: z.string(), enabled: z.boolean() }).meta({ id: 'SkillSwitched' })
export type SkillSwitched = z.infer<typeof SkillSwitched>

/** Most credentials of one agent. */
export const MAX_CREDENTIALS = 100

export const AgentCredentials = z
  .object({
    anthropic: z.boolean(),
    openai: z.boolean(),
    openrouter: z.boolean(),
    google: z.boolean(),
    telegram: z.boolean(),
    discord: z.boolean(),
    whatsapp: z.boolean(),
    others: z.array(z.string()).max(MAX_CREDENTIALS).describe('Names of further credentials that are stored.'),
  })
  .meta({ id: 'AgentCredentials', description: 'True where a credential is stored. Values are never shown.' })
export type AgentCredentials = z.infer<typeof AgentCredentials>

export const SetCredential = z.object({
  ...agentChoice,
  key: z
    .string()
    .min(1, 'expected 1 to 64 characters')
    .max(64, 'expected 1 to 64 characters')
    .describe('Such as `anthropic` or `telegram`.'),
  value: z.string().max(10_000).optional().describe('Leave out to remove the credential.'),
})
export type SetCredential = z.infer<typeof SetCredential>
export const CredentialSet = z.object({ success: z.literal(true), key: z.string(), configured: z.boolean() }).meta({ id: 'CredentialSet' })
export type CredentialSet = z.infer<typeof CredentialSet>

/** Version of the single-agent endpoint `/api/agent`. */
export const AGENT_API_VERSION = '1.0.0'
