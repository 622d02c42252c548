import { z } from 'zod'
import { Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing }

export const HealthWord = z
  .enum(['healthy', 'degraded', 'unhealthy'])
  .meta({ id: 'HealthWord', description: 'healthy: CPU and memory at most 70%. degraded: either above 70%. unhealthy: either above 85%.' })

export const Health = z
  .object({
    status: z.literal('ok'),
    health: HealthWord,
    timestamp,
    cpuPercent: z.number().min(0).max(100),
    memoryPercent: z.number().min(0).max(100),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>

export const ServiceHealth = z
  .object({
    status: z.literal('ok'),
    timestamp,
    docker: z
      .enum(['available', 'unavailable'])
      .meta({ id: 'RuntimeHostState', description: 'Whether agents run on a Docker engine, and it answers.' }),
    provisioning: z
      .enum(['enabled', 'disabled'])
      .meta({ id: 'ProvisioningState', description: 'Whether the place where agents run answers, whichever it is.' }),
    provider: z.string().describe('Name of the runtime driver in use.'),
  })
  .meta({ id: 'ServiceHealth' })
export type ServiceHealth = z.infer<typeof ServiceHealth>

export const Readiness = z
  .object({ status: z.literal('ready'), timestamp })
  .meta({ id: 'Readiness', description: 'The server can carry out calls.' })
export type Readiness = z.infer<typeof Readiness>

export const Version = z.object({ version: z.string() }).meta({ id: 'Version' })

export const OpenApiDocument = z
  .looseObject({ openapi: z.string(), info: z.record(z.string(), z.unknown()), paths: z.record(z.string(), z.unknown()) })
  .meta({ id: 'OpenApiDocument' })
export type OpenApiDocument = z.infer<typeof OpenApiDocument>

export const Capabilities = z
  .object({
    models: z
      .array(z.object({ id: z.string(), provider: z.string(), isLocal: z.boolean() }).meta({ id: 'ModelChoice' }))
      .describe('Models new agents can talk with.'),
    defaultModel: z.string().nullable().describe('Model of an agent that names none; null while its provider does not answer.'),
    database: z.enum(['embedded', 'postgres']).meta({ id: 'DatabaseKind' }),
    signups: z.enum(['open', 'invite', 'closed']).meta({ id: 'SignupMode' }),
  })
  .meta({ id: 'Capabilities', description: 'What this server is set up for.' })
export type Capabilities = z.infer<typeof Capabilities>
