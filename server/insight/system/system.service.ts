import type { Context } from '#server/platform/core/index.ts'
import { defaultModelId, listModels } from '#server/models/catalogue/index.ts'
import { driverOf } from '#server/agents/drivers/index.ts'
import { healthOf, measureLoad } from './load.ts'
import type { Capabilities, Health, OpenApiDocument, ServiceHealth } from './system.contract.ts'

/** Measured load of the server; a loaded server still answers. */
export async function getHealth(): Promise<Health> {
  const load = measureLoad()
  return { status: 'ok', health: healthOf(load), timestamp: new Date().toISOString(), ...load }
}

/** Whether agents can be started, by asking the place where they run; and whether that is a Docker engine. */
export async function getServiceHealth({ platform }: Context): Promise<ServiceHealth> {
  const driver = driverOf(platform)
  const isAvailable = await driver.isAvailable()
  return {
    status: 'ok',
    timestamp: new Date().toISOString(),
    docker: isAvailable && driver.name === 'docker' ? 'available' : 'unavailable',
    provisioning: isAvailable ? 'enabled' : 'disabled',
    provider: driver.name,
  }
}

export const getVersion = async ({ platform }: Context): Promise<{ version: string }> => ({ version: `v${platform.version}` })

export const getOpenApi = async ({ platform }: Context): Promise<OpenApiDocument> => platform.openapi as OpenApiDocument

export async function getCapabilities({ platform: { env } }: Context): Promise<Capabilities> {
  return {
    models: await listModels(env),
    defaultModel: await defaultModelId(env).catch(() => null),
    database: env.DATABASE_URL ? 'postgres' : 'embedded',
    signups: env.SIGNUPS,
  }
}
