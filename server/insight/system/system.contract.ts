import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing }

export const HealthWord = z.enum(['healthy', 'degraded', 'unhealthy']).meta({
  id: 'HealthWord',
  description: 'healthy: CPU and memory at most 70%. degraded: either above 70%. unhealthy: either above 85%.',
  'x-enumDescriptions': {
    healthy: 'CPU and memory are at most 70%.',
    degraded: 'CPU or memory is above 70%.',
    unhealthy: 'CPU or memory is above 85%.',
  },
})

export const Health = z
  .object({
    status: z.literal('ok').describe('Always `ok`.'),
    health: HealthWord,
    timestamp: timestamp.describe('When this answer was made.'),
    cpuPercent: z
      .number()
      .min(0)
      .max(100)
      .describe(
        'Percent of the processors in use over the last five seconds: those of the container where cgroups (v2) limit it, else of the machine.',
      ),
    memoryPercent: z.number().min(0).max(100).describe('Percent of the memory in use, of the same container or machine.'),
  })
  .meta({ id: 'Health', description: 'That the server is up, and its load.' })
export type Health = z.infer<typeof Health>

export const ServiceHealth = z
  .object({
    status: z.literal('ok').describe('Always `ok`.'),
    timestamp: timestamp.describe('When this answer was made.'),
    docker: z.enum(['available', 'unavailable']).meta({
      id: 'RuntimeHostState',
      description: 'Whether agents run on a Docker engine, and it answers.',
      'x-enumDescriptions': {
        available: 'There is a Docker engine, and it answers.',
        unavailable: 'Agents run elsewhere, or the engine does not answer.',
      },
    }),
    provisioning: z.enum(['enabled', 'disabled']).meta({
      id: 'ProvisioningState',
      description: 'Whether the place where agents run answers, whichever it is.',
      'x-enumDescriptions': { enabled: 'Agents can be started.', disabled: 'Agents cannot be started now.' },
    }),
    provider: z.string().describe('Name of the runtime driver in use.'),
  })
  .meta({ id: 'ServiceHealth', description: 'That the service is up, and whether agents can be started.' })
export type ServiceHealth = z.infer<typeof ServiceHealth>

export const Readiness = z
  .object({ status: z.literal('ready').describe('Always `ready`.'), timestamp: timestamp.describe('When this answer was made.') })
  .meta({ id: 'Readiness', description: 'The server can carry out calls.' })
export type Readiness = z.infer<typeof Readiness>

export const Version = z
  .object({ version: z.string().describe('Such as `0.1.0`.') })
  .meta({ id: 'Version', description: 'Which version this server is.' })

export const OpenApiDocument = z
  .looseObject({ openapi: z.string(), info: z.record(z.string(), z.unknown()), paths: z.record(z.string(), z.unknown()) })
  .meta({ id: 'OpenApiDocument', description: 'The OpenAPI document of this server.' })
export type OpenApiDocument = z.infer<typeof OpenApiDocument>

export const Capabilities = z
  .object({
    models: z
      .array(
        z
          .object({
            id: z.string().describe('What calls name it by.'),
            provider: z.string().describe('Provider that serves it.'),
            isLocal: z.boolean().describe('Whether this server answers itself, without a provider.'),
          })
          .meta({ id: 'ModelChoice', description: 'A model a new agent can talk with.' }),
      )
      .describe('Models new agents can talk with.'),
    defaultModel: z.string().nullable().describe('Model of an agent that names none; null while its provider does not answer.'),
    database: z.enum(['embedded', 'postgres']).meta({
      id: 'DatabaseKind',
      description: 'Where the server keeps its data.',
      'x-enumDescriptions': { embedded: 'In a database of its own, in its data folder.', postgres: 'On a Postgres server.' },
    }),
    signups: z.enum(['open', 'invite', 'closed']).meta({
      id: 'SignupMode',
      description: 'Who can make an account.',
      'x-enumDescriptions': { open: 'Everybody.', invite: 'Whoever has an invitation.', closed: 'Nobody.' },
    }),
  })
  .meta({ id: 'Capabilities', description: 'What this server is set up for.' })
export type Capabilities = z.infer<typeof Capabilities>
