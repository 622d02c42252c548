import { readAgentCredentials } from '../agents/agent-credentials.service.ts'
import type { AccountContext } from '../core/context.ts'
import { resolveModel } from '../models/providers.ts'
import { abortTurnsOf } from './running-turns.ts'
import type { RuntimeDriver } from './driver.ts'

/**
 * Agents that live in this server: an agent costs rows, not a process. It is healthy when the model it
 * talks with can be reached through a configured provider.
 */
export const builtin: RuntimeDriver = {
  name: 'builtin',
  version: (ctx: AccountContext) => ctx.platform.version,
  async start(ctx, { id, model }) {
    resolveModel(ctx.platform.env, model, await readAgentCredentials(ctx, id))
  },
  async stop(_ctx, { id }) {
    await abortTurnsOf(id)
  },
  isAvailable: () => Promise.resolve(true),
}
