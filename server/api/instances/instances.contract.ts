import { z } from 'zod'
import { AgentStatus, LifecycleResult, RestartResult } from '#server/agents/definitions/agents.contract.ts'
import { AccountPlan, PlanName } from '#server/money/billing/billing.contract.ts'
import { timestamp } from '#server/platform/core/common.contract.ts'
import { GatewayToken, ImageUpdateResult, LifecycleMessage, UpdateImage } from '#server/agents/runtime/runtime.contract.ts'

export { GatewayToken, ImageUpdateResult, LifecycleMessage, LifecycleResult, RestartResult }

const userId = z
  .string()
  .min(1)
  .describe('The `userId` that provisioning gave back. Your own account id works too and means your oldest agent.')

export const InstanceRef = z.object({ userId })
export type InstanceRef = z.infer<typeof InstanceRef>

export const UpdateInstanceImage = z.object({ userId, image: UpdateImage.shape.image })
export type UpdateInstanceImage = z.infer<typeof UpdateInstanceImage>

export const InstanceStatus = z
  .enum(['running', 'active', 'starting', 'stopped', 'degraded', 'repairing', 'crash_loop', 'suspended', 'unreachable', 'unknown', 'error'])
  .meta({
    id: 'InstanceStatus',
    description: 'What the runtime of an agent says of itself, or what is known of it when it says nothing.',
    'x-enumDescriptions': {
      running: 'Up, and it answers.',
      active: 'Up, and it answers; another word for `running`.',
      starting: 'Coming up.',
      stopped: 'Down, on request or never started.',
      degraded: 'Up, but its health check fails.',
      repairing: 'Being rebuilt.',
      crash_loop: 'Starts failed too often in a row.',
      suspended: 'Held up by the operator.',
      unreachable: 'It does not answer.',
      unknown: 'It cannot be told.',
      error: 'Its last start failed.',
    },
  })
export type InstanceStatus = z.infer<typeof InstanceStatus>

export const Instance = z
  .object({
    userId: z.string().describe('Key of the instance, as provisioning gave it back.'),
    status: InstanceStatus,
    startedAt: timestamp.nullable().describe('When the runtime started; null when it does not run.'),
    subdomain: z.string().describe('Host name of `url`.'),
    url: z.url().describe('Address it answers on.'),
    plan: AccountPlan,
    openclawVersion: z
      .string()
      .nullable()
      .describe('Version of OpenClaw; null when it does not say, and for agents that run inside the server.'),
  })
  .meta({ id: 'Instance', description: 'The runtime of an agent, in the state it says itself that it is in.' })
export type Instance = z.infer<typeof Instance>

export const InstanceStats = z
  .object({
    userId: z.string().describe('Key of the instance, as provisioning gave it back.'),
    cpu: z.string().nullable().describe('CPU in use, in percent of one processor, such as `2.40%`; as the stats of the agent have it.'),
    memory: z.string().nullable().describe('Memory used, with the limit where there is one.'),
    status: InstanceStatus,
    plan: AccountPlan,
    openclawVersion: z
      .string()
      .nullable()
      .describe('Version of OpenClaw; null when it does not say, and for agents that run inside the server.'),
    health: z
      .enum(['healthy', 'degraded', 'unhealthy', 'unreachable'])
      .meta({
        id: 'InstanceHealth',
        description: 'How the runtime of an agent is doing; left out for one that is stopped or just comes up.',
        'x-enumDescriptions': {
          healthy: 'Up, and it answers.',
          degraded: 'Up, but its health check fails.',
          unhealthy: 'Its last start failed.',
          unreachable: 'It does not answer.',
        },
      })
      .optional(),
    uptime: z.int().min(0).meta({ format: 'int64' }).nullable().describe('Milliseconds since the start.'),
    messages: z.int().min(0).describe('Messages that were answered.'),
    errors: z.int().min(0).describe('Messages that got no answer.'),
  })
  .meta({ id: 'InstanceStats', description: 'Resource use of the runtime of an agent.' })
export type InstanceStats = z.infer<typeof InstanceStats>

const token = z.string().min(1).max(4096).optional()

export const ProvisionInstance = z
  .object({
    telegramToken: token.describe('Telegram bot token.'),
    telegramUserId: z.string().max(100).optional().describe('Owner on Telegram.'),
    whatsappToken: token.describe('WhatsApp API token.'),
    discordBotToken: token.describe('Discord bot token.'),
    aiProvider: z
      .enum(['openrouter', 'gemini', 'groq', 'anthropic', 'openai'])
      .meta({
        id: 'AiProviderName',
        description: 'A provider an agent can be set up with.',
        'x-enumDescriptions': { openrouter: 'OpenRouter.', gemini: 'Google.', groq: 'Groq.', anthropic: 'Anthropic.', openai: 'OpenAI.' },
      })
      .optional()
      .describe('OpenRouter when left out, or the default of this server where that is not set up.'),
    apiKey: z.string().min(1).max(10_000).optional().describe('Own key at that provider.'),
    plan: z
      .enum(['free', 'solo', 'collective', 'label', 'network'])
      .meta({
        id: 'WantedPlan',
        description: 'A plan as it is asked for.',
        'x-enumDescriptions': {
          free: 'No paid plan: refused, agents need one.',
          solo: 'The plan `solo`.',
          collective: 'The plan `collective`.',
          label: 'The plan `label`.',
          network: 'The plan `network`.',
        },
      })
      .optional()
      .describe('solo, collective, label or network; the plan of the account when left out.'),
    model: z.string().min(1).max(200).optional().describe('Default of the provider when left out.'),
    skills: z.array(z.string().max(100)).max(100).optional().describe('Skill ids to switch on.'),
    agentType: z.string().max(64).default('creative').describe('`business` needs no channel token.'),
    autoProvision: z.boolean().default(false).describe('True: no channel token needed; channels come later.'),
    email: z.string().max(320).optional().describe('Ignored; the signed-in account counts.'),
    stripeSubscriptionId: z.string().max(255).optional().describe('Ignored; the subscription on file counts.'),
  })
  .refine(
    ({ telegramToken, whatsappToken, discordBotToken, agentType, autoProvision }) =>
      Boolean(telegramToken ?? whatsappToken ?? discordBotToken) || autoProvision || agentType === 'business',
    'expected telegramToken, whatsappToken or discordBotToken, or autoProvision: true',
  )
export type ProvisionInstance = z.infer<typeof ProvisionInstance>

const channelSwitch = z.enum(['enabled', 'disabled']).meta({
  id: 'ChannelSwitch',
  description: 'Whether a channel is connected.',
  'x-enumDescriptions': { enabled: 'Connected.', disabled: 'Not connected.' },
})

export const ProvisionResult = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    userId: z.string().describe('Instance key for /api/instance/{userId}.'),
    subdomain: z.string().describe('Host name of `url`.'),
    url: z.url().describe('Address it answers on.'),
    agentId: z.string().describe('Id of the agent.'),
    id: z.string().describe('Same value as `agentId`.'),
    aiProvider: z.string().describe('Provider of its model.'),
    aiProviderConfig: z
      .object({
        model: z.string().describe('Id of the model.'),
        baseUrl: z.url().describe('Address of the provider.'),
        requiresKey: z.boolean().describe('Whether the provider asks for a key.'),
      })
      .meta({ id: 'AiProviderConfig', description: 'Where the model of an agent is served.' })
      .optional()
      .describe('Left out for models of this server itself.'),
    plan: PlanName,
    status: AgentStatus,
    createdAt: timestamp.describe('When it was made.'),
    metadata: z
      .object({
        channels: z
          .object({
            telegram: channelSwitch,
            discord: channelSwitch,
            whatsapp: channelSwitch,
          })
          .meta({ id: 'ChannelSwitches', description: 'Which channels of an agent are connected.' }),
      })
      .meta({ id: 'ProvisionMetadata', description: 'What else is known of a new agent.' }),
  })
  .meta({ id: 'ProvisionResult', description: 'An agent that was provisioned.' })
export type ProvisionResult = z.infer<typeof ProvisionResult>

export const OwnRuntime = z
  .object({
    openclawUrl: z
      .url()
      .nullable()
      .describe(
        'Where its gateway takes calls with the token, as the server reaches it; null while it does not run, or where agents have no gateway.',
      ),
    openclawInstanceId: z.string().nullable().describe('Instance of your oldest agent; null before anything was provisioned.'),
    gatewayToken: z.string().nullable().describe('Token of your own runtime; null before one was asked for.'),
  })
  .meta({
    id: 'OwnRuntime',
    description: 'Address and id of the runtime of your oldest agent. The id is null before anything was provisioned.',
  })
export type OwnRuntime = z.infer<typeof OwnRuntime>
