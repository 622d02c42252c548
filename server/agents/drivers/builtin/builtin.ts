import type { Env } from '#server/platform/core/index.ts'
import { resolveModel } from '#server/models/catalogue/index.ts'
import type { RuntimeAgent, RuntimeDriver } from '../interface/index.ts'

const NOTHING_TO_MEASURE = {
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  pids: null,
  networkInBytes: null,
  networkOutBytes: null,
}

/**
 * Agents that live in this server: an agent costs rows, not a process. It can start when the model it
 * talks with can be reached through a configured provider. All it has is in the database, so there is
 * nothing to prepare, to save or to hand over.
 */
export function createBuiltin(env: Env, version: string): RuntimeDriver {
  const image = `builtin:${version}`
  const start = async ({ model, credentials }: RuntimeAgent): Promise<void> => void resolveModel(env, model, credentials)
  const nothing = () => Promise.resolve()
  return {
    name: 'builtin',
    defaultImage: image,
    version,
    inProcess: true,
    usesModelsOfServer: false,
    create: nothing,
    start,
    stop: nothing,
    repair: start,
    async updateImage(agent) {
      await start(agent)
      return { image, previousImage: agent.image, backupPath: null }
    },
    resetMemory: nothing,
    remove: nothing,
    status: async () => ({ state: 'running', reason: null, startedAt: null, image, version: null }),
    stats: async () => NOTHING_TO_MEASURE,
    logs: async () => [],
    sync: async (_agent, { skills, memories, files }) => ({ skills: skills.length, memories: memories.length, files: files.length }),
    send: (_agent, { generateBuiltinReply }, signal) => generateBuiltinReply(signal),
    isAvailable: () => Promise.resolve(true),
    close: nothing,
  }
}
