import { z } from 'zod'
import { AccountPlan, PlanName } from '#server/money/billing/billing.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { nameText, nameTextOrNone } from '#server/platform/core/texts.contract.ts'

const agentName = nameText(64)

export const AgentStatus = z
  .enum(['pending', 'provisioning', 'starting', 'running', 'active', 'degraded', 'repairing', 'crash_loop', 'stopped', 'error'])
  .meta({
    id: 'AgentStatus',
    description: 'State of the agent runtime.',
    'x-enumDescriptions': {
      pending: 'Made and never started.',
      provisioning: 'Being set up for its first start.',
      starting: 'The runtime is coming up.',
      running: 'Up, and it answers.',
      active: 'Up, and it answers; another word for `running`.',
      degraded: 'Up, but its health check fails: its runtime is not well or, inside the server, its model cannot answer.',
      repairing: 'The runtime is being rebuilt.',
      crash_loop: 'Starts failed too often in a row; it stays down until somebody starts it.',
      stopped: 'Stopped on request.',
      error: 'The last start failed.',
    },
  })
export type AgentStatus = z.infer<typeof AgentStatus>

export const AgentConfig = z
  .looseObject({
    name: nameTextOrNone(64).optional().describe('What the agent calls itself.'),
    description: z.string().max(2000).optional().describe('What the agent is for.'),
    instructions: z.string().max(100_000).optional().describe('System prompt.'),
    model: z.string().min(1).max(200).optional().describe('Model the agent talks with.'),
    fallbacks: z.array(z.string().max(200)).max(10).optional().describe('Models to try when the first one fails.'),
    aiProvider: z.string().max(64).optional().describe('Provider of that model; named without a model, it brings its default one.'),
    temperature: z.number().min(0).max(2).optional().describe('0 for the most likely words, up to 2 for the least.'),
    maxTokens: z.int().min(1).optional().describe('Most tokens of one answer.'),
    tools: z.array(z.string().max(64)).max(100).optional().describe('Tools the agent may use, by name; all when left out.'),
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
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    model: z.string().nullable().describe('Model the agent talks with.'),
    status: AgentStatus,
    websocketUrl: z
      .string()
      .nullable()
      .describe(
        'Where a client opens the gateway socket, as the server reaches it. Null while it does not run, and for agents that run inside the server: they have none.',
      ),
    statusReason: z.string().nullable().describe('Why it is degraded or failed; null when nothing is wrong, or nothing is known.'),
    statusSeenAt: timestamp
      .nullable()
      .describe('When the runtime was last seen in that state. Null for agents that run inside the server, whose state is that of now.'),
    createdAt: timestamp.describe('When it was made.'),
    updatedAt: timestamp.describe('When it was last changed.'),
  })
  .meta({ id: 'Agent', description: 'An agent as lists show it.' })
export type Agent = z.infer<typeof Agent>

/** Most agents one list gives back. */
export const MAX_LISTED_AGENTS = 1000

export const Agents = z.array(Agent).max(MAX_LISTED_AGENTS)

export const VerificationType = z.enum(['eas', 'coinbase', 'ens', 'webauthn']).meta({
  id: 'VerificationType',
  description: 'How an agent is shown to belong to its owner.',
  'x-enumDescriptions': {
    eas: 'An attestation of the Ethereum Attestation Service on Base.',
    coinbase: 'A Coinbase verification on Base.',
    ens: 'The primary ENS name of a wallet.',
    webauthn: 'A passkey of the account.',
  },
})

export const AgentDetail = z
  .object({
    ...Agent.shape,
    startedAt: timestamp.nullable().describe('Last start of the runtime; null if it never ran.'),
    plan: AccountPlan,
    aiProvider: z.string().describe('Provider of its model.'),
    subdomain: z.string().describe('Host name of `url`.'),
    url: z.url().describe('Address it answers on.'),
    openclawVersion: z
      .string()
      .nullable()
      .describe('Version of OpenClaw it last ran on; null when that is not known, and for agents that run inside the server.'),
    verified: z.boolean().describe('Whether it is verified now.'),
    verificationType: VerificationType.nullable(),
    attestationUid: z.string().nullable().describe('What its verification was checked against; null when it is not verified.'),
    verifiedAt: timestamp.nullable().describe('When it was verified; null when it is not.'),
  })
  .meta({ id: 'AgentDetail', description: 'An agent with its runtime and verification facts.' })
export type AgentDetail = z.infer<typeof AgentDetail>

/** How an agent is chosen where none is named; `findDefaultAgent` does it. */
export const DEFAULT_AGENT_RULE = 'your oldest agent that is not stopped or failed, else your oldest'

export const ListAgents = z.object({
  limit: z.int().min(1).max(MAX_LISTED_AGENTS).default(MAX_LISTED_AGENTS).describe('Most agents to give back.'),
  offset: z.int().min(0).max(2_147_483_647).default(0).describe('Agents to skip, the newest first.'),
})
export type ListAgents = z.infer<typeof ListAgents>
export const AgentRef = z.object({ agentId: z.string().min(1).describe('Id of the agent.') })
export type AgentRef = z.infer<typeof AgentRef>

export const CreateAgent = z.object({
  name: agentName.describe('What to call it, 1 to 64 characters.'),
  config: z
    .looseObject({ ...AgentConfig.shape, plan: PlanName.optional() })
    .optional()
    .meta({ id: 'NewAgentConfig', description: 'Configuration to begin with, and optionally the plan.' }),
})
export type CreateAgent = z.infer<typeof CreateAgent>

export const ProvisionAgent = z.object({
  name: agentName.describe('What to call it, 1 to 64 characters.'),
  model: z.string().min(1).max(200).optional().describe('A model of this server; the default model when left out.'),
  config: AgentConfig.optional(),
  tier: z
    .enum(['starter', 'pro', 'enterprise', 'solo', 'collective', 'label', 'network'])
    .meta({
      id: 'PlanHint',
      description: 'A plan as older clients name it. It decides nothing.',
      'x-enumDescriptions': {
        starter: 'Older name of the smallest plan.',
        pro: 'Older name of a middle plan.',
        enterprise: 'Older name of the largest plan.',
        solo: 'The plan `solo`.',
        collective: 'The plan `collective`.',
        label: 'The plan `label`.',
        network: 'The plan `network`.',
      },
    })
    .optional()
    .describe('Hint only.'),
})
export type ProvisionAgent = z.infer<typeof ProvisionAgent>

export const UpdateAgent = z
  .object({
    agentId: z.string().min(1).describe('Id of the agent.'),
    plan: PlanName.optional(),
    aiProvider: z.string().min(1).max(64).optional().describe('Provider of its model.'),
    config: AgentConfig.optional(),
  })
  .refine(
    ({ plan, aiProvider, config }) => plan !== undefined || aiProvider !== undefined || config !== undefined,
    'expected at least one of plan, aiProvider, config',
  )
export type UpdateAgent = z.infer<typeof UpdateAgent>

export const UpdateAgentConfig = z.object({ agentId: z.string().min(1).describe('Id of the agent.'), config: AgentConfigChange })
export type UpdateAgentConfig = z.infer<typeof UpdateAgentConfig>

export const AgentDeleted = z
  .object({ id: z.string().describe('Its id.'), deleted: z.literal(true).describe('Always true: a failure is an error instead.') })
  .meta({ id: 'AgentDeleted', description: 'An agent that is gone.' })

export const LifecycleStatus = z.enum(['active', 'starting', 'stopped', 'restarting', 'updating', 'repaired', 'reset']).meta({
  id: 'AgentLifecycleStatus',
  description: 'State right after the action.',
  'x-enumDescriptions': {
    active: 'It is up.',
    starting: 'It is coming up.',
    stopped: 'It is down.',
    restarting: 'It goes down and comes up again.',
    updating: 'It moves to another image.',
    repaired: 'It was rebuilt and is up.',
    reset: 'What it remembered is cleared.',
  },
})

export const LifecycleResult = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    status: LifecycleStatus,
    message: z.string().optional().describe('What happened, in words.'),
  })
  .meta({ id: 'LifecycleResult', description: 'What came of an action on the runtime of an agent.' })
export type LifecycleResult = z.infer<typeof LifecycleResult>

export const RestartResult = z
  .object({
    ...LifecycleResult.shape,
    healedLegacyModel: z.boolean().describe('True when a retired model was swapped for a current one.'),
    healMessage: z.string().describe('What the swap did, or `skip`.'),
    openclawVersion: z
      .string()
      .nullable()
      .describe('Version of OpenClaw it runs on; null when it does not say, and for agents that run inside the server.'),
  })
  .meta({ id: 'RestartResult', description: 'What came of a restart.' })
export type RestartResult = z.infer<typeof RestartResult>

export const AgentStats = z
  .object({
    agentId: z.string().describe('Id of the agent.'),
    cpu: z
      .string()
      .nullable()
      .describe(
        'CPU in use, in percent of one processor: `100.00%` is one, `250.00%` two and a half. Outside of the server a sample of now; inside it the share of its turns since the start.',
      ),
    memory: z.string().nullable().describe('Memory used, optionally with the limit. Null for agents that run inside the server.'),
    memoryPercent: z.string().nullable().describe('Share of the memory limit in use, such as `12.50%`.'),
    network: z.string().nullable().describe('Bytes in / bytes out. Null for agents that run inside the server.'),
    uptime: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Milliseconds since the runtime started.'),
    uptimeFormatted: z.string().nullable().describe('`uptime` in words for people.'),
    status: AgentStatus,
    pids: z.string().nullable().describe('Processes in the runtime. Null for agents that run inside the server.'),
    messagesProcessed: z.int().min(0).describe('Messages it has answered.'),
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
    inputTokens: z.int().min(0).nullable().meta({ format: 'int64', description: 'Tokens that were sent to models.' }),
    outputTokens: z.int().min(0).nullable().meta({ format: 'int64', description: 'Tokens that models answered.' }),
    estimatedCalls: z.int().min(0).describe('Calls of models whose tokens the provider did not say: they were estimated.'),
    uncountedCalls: z.int().min(0).describe('Calls of models whose tokens nobody knows, which the sums of tokens are without.'),
    timestamp: timestamp.describe('When the sample was taken.'),
  })
  .meta({ id: 'AgentStats', description: 'Measured resource use and message figures. A field is null when there is nothing to measure.' })
export type AgentStats = z.infer<typeof AgentStats>

/** The agent of the account that is meant. */
const agentChoice = { agentId: z.string().min(1).optional().describe(`Which of your agents. When left out: ${DEFAULT_AGENT_RULE}.`) }
export const AgentChoice = z.object(agentChoice)
export type AgentChoice = z.infer<typeof AgentChoice>

export const AgentHealth = z
  .object({
    status: z.enum(['running', 'stopped', 'starting', 'error', 'unknown']).meta({
      id: 'AgentHealthStatus',
      description: 'Whether a runtime is up.',
      'x-enumDescriptions': {
        running: 'Up.',
        stopped: 'Down, on request or never started.',
        starting: 'Coming up.',
        error: 'Its last start failed, or it is up and its health check fails.',
        unknown: 'It cannot be told.',
      },
    }),
    version: z.string().describe('Version of the runtime; `unknown` when it does not say.'),
    apiVersion: z.string().describe('Version of the calls for a single agent.'),
    uptime: z.int().min(0).describe('Seconds since the runtime started; 0 when it is down.'),
    model: z.string().nullable().describe('Model the agent talks with.'),
    reason: z.string().nullable().describe('What is wrong with it, if that is known.'),
    channels: z.array(z.string()).describe('Channels that are connected; what is only configured is not.'),
    skills: z.array(z.string()).describe('Ids of the skills that are switched on.'),
    lastSeen: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Last sign of life. Unix time in milliseconds.'),
  })
  .meta({ id: 'AgentHealth', description: 'How the runtime of an agent is doing.' })
export type AgentHealth = z.infer<typeof AgentHealth>

export const AgentSkill = z
  .object({
    id: z.string().describe('Its id.'),
    name: z.string().describe('What it is called.'),
    description: z.string().describe('What it does.'),
    enabled: z.boolean().describe('Whether the agent uses it.'),
  })
  .meta({ id: 'AgentSkill', description: 'A skill installed for an agent.' })
export const AgentSkills = z.array(AgentSkill)
export type AgentSkill = z.infer<typeof AgentSkill>

export const SwitchSkill = z.object({
  ...agentChoice,
  skillId: z.string().min(1, 'expected the id of a skill').describe('Id of an installed skill.'),
  enabled: z.boolean().default(false).describe('True to switch it on; off when left out.'),
})
export type SwitchSkill = z.infer<typeof SwitchSkill>
export const SkillSwitched = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    skillId: z.string().describe('Id of the skill.'),
    enabled: z.boolean().describe('Whether the agent uses it now.'),
  })
  .meta({ id: 'SkillSwitched', description: 'A skill that was switched on or off.' })
export type SkillSwitched = z.infer<typeof SkillSwitched>

/** Most credentials of one agent. */
export const MAX_CREDENTIALS = 100

export const AgentCredentials = z
  .object({
    anthropic: z.boolean().describe('A key of Anthropic.'),
    openai: z.boolean().describe('A key of OpenAI.'),
    openrouter: z.boolean().describe('A key of OpenRouter.'),
    google: z.boolean().describe('A key of Google.'),
    telegram: z.boolean().describe('A Telegram bot token.'),
    discord: z.boolean().describe('A Discord bot token.'),
    whatsapp: z.boolean().describe('A WhatsApp API token.'),
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
    .describe('A provider whose key the agent is to use: `anthropic`, `openai`, `openrouter`, `google` (or `gemini`) or `groq`.'),
  value: z.string().max(10_000).optional().describe('Leave out to remove the credential.'),
})
export type SetCredential = z.infer<typeof SetCredential>
export const CredentialSet = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    key: z.string().describe('Name of the credential, as lists show it.'),
    configured: z.boolean().describe('Whether it is stored now.'),
  })
  .meta({ id: 'CredentialSet', description: 'A credential that was stored or removed.' })
export type CredentialSet = z.infer<typeof CredentialSet>

/** Version of the single-agent endpoint `/api/agent`. */
export const AGENT_API_VERSION = '1.0.0'
