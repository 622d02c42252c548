import type { RuntimeDriver } from './interface/index.ts'

type Facts = Pick<
  RuntimeDriver,
  'name' | 'defaultImage' | 'version' | 'inProcess' | 'endsWithServer' | 'runsElsewhere' | 'usesModelsOfServer'
>

/**
 * A driver whose code is loaded with the first call: the clients of Docker and Kubernetes take up to a
 * second to load, which nobody should wait for who runs agents elsewhere.
 */
export function loadWhenNeeded(facts: Facts, load: () => Promise<RuntimeDriver>): RuntimeDriver {
  let loading: Promise<RuntimeDriver> | undefined
  const driver = () => (loading ??= load())
  return {
    ...facts,
    create: async (agent) => (await driver()).create(agent),
    start: async (agent, checkHeld) => (await driver()).start(agent, checkHeld),
    stop: async (agent) => (await driver()).stop(agent),
    updateImage: async (agent, image, checkHeld) => (await driver()).updateImage(agent, image, checkHeld),
    repair: async (agent, checkHeld) => (await driver()).repair(agent, checkHeld),
    resetMemory: async (agent) => (await driver()).resetMemory(agent),
    remove: async (agent) => (await driver()).remove(agent),
    status: async (agent) => (await driver()).status(agent),
    stats: async (agent) => (await driver()).stats(agent),
    logs: async (agent, options) => (await driver()).logs(agent, options),
    sync: async (agent, workspace) => (await driver()).sync(agent, workspace),
    async *send(agent, turn, signal) {
      yield* (await driver()).send(agent, turn, signal)
    },
    address: async (agent) => (await (await driver()).address?.(agent)) ?? null,
    onExit(listener) {
      driver().then(
        (loaded) => loaded.onExit?.(listener),
        // A driver that cannot be loaded says so to whoever needs it.
        () => undefined,
      )
    },
    isAvailable: () =>
      driver().then(
        (loaded) => loaded.isAvailable(),
        () => false,
      ),
    close: async () => (await loading)?.close(),
  }
}
