import type { Platform, Env } from '#server/platform/core/index.ts'
import { createBuiltin } from './builtin/index.ts'
import type { RuntimeDriver } from './interface/index.ts'
import { loadWhenNeeded } from './load-when-needed.ts'
import { containerFacts } from './openclaw/index.ts'
import { createProcesses } from './process/index.ts'

/** What each value of RUNTIME stands for. */
const drivers: Record<Env['RUNTIME'], (platform: Platform) => RuntimeDriver> = {
  builtin: ({ env, version }) => createBuiltin(env, version),
  process: ({ env }) => createProcesses(env),
  docker: ({ env }) => loadWhenNeeded(containerFacts('docker', env), async () => (await import('./docker/index.ts')).createDocker(env)),
  kubernetes: ({ env }) =>
    loadWhenNeeded(containerFacts('kubernetes', env), async () => (await import('./kubernetes/index.ts')).createKubernetes(env)),
}

/** The driver that RUNTIME names. @throws InvalidConfiguration when what it needs is not there. */
export function createRuntimeDriver(platform: Platform): RuntimeDriver {
  return drivers[platform.env.RUNTIME](platform)
}

const created = new WeakMap<Platform, RuntimeDriver>()

/** The driver agents run on at this server; made when it is first asked for, and closed with the server. */
export function driverOf(platform: Platform): RuntimeDriver {
  let driver = created.get(platform)
  if (!driver) {
    driver = createRuntimeDriver(platform)
    created.set(platform, driver)
    platform.beforeClose(() => driver!.close())
  }
  return driver
}
