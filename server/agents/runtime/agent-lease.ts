import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { AgentTakenOver, findAgentRow, lockAgent } from '../definitions/index.ts'
import { accountOf, type AccountContext, type Platform, inTransaction } from '#server/platform/core/index.ts'
import type { Worker } from '#server/platform/host/index.ts'
import { driverOf } from '../drivers/index.ts'
import { agentWatches as queries } from '../watches/index.ts'

const POLL_MS = 50

/** What this process is at. */
const tokens = new Set<string>()

/** This server, for those who ask whether an agent is free: it is when the server that works on it is dead. */
export const workerOf = ({ serverId }: Platform): Worker => ({ serverId, workIds: [...tokens] })

/** A caller that was given an agent, for one piece of work. */
export interface HeldContext extends AccountContext {
  readonly held: { agentId: string; token: string }
}

type Work<T> = (held: HeldContext) => Promise<T>

/**
 * Works on an agent while nobody else does, on whichever server: one starts, stops, repairs or checks it
 * at a time. Waits until it is free. A server that stands still for longer than its lease loses the agent to
 * another one; what it does to it then is asked for with `checkHeld`, and written down with `writeHeld`.
 *
 * @throws AgentNotFound when it is gone; AgentTakenOver; the reason of the signal when the server stops meanwhile.
 */
export async function withAgent<T>(ctx: AccountContext, agentId: string, work: Work<T>): Promise<T> {
  return withToken(async (token) => {
    while (!(await tryClaim(ctx, agentId, token))) {
      await findAgentRow(ctx, agentId)
      await delay(POLL_MS, undefined, { signal: ctx.platform.shutdown })
    }
    return workAndRelease({ ...ctx, held: { agentId, token } }, work)
  })
}

/** Works on the agent, unless somebody does so already. @returns undefined then, and when it is gone. */
export const tryWithAgent = <T>(ctx: AccountContext, agentId: string, work: Work<T>): Promise<T | undefined> =>
  withToken(async (token) =>
    (await tryClaim(ctx, agentId, token)) ? workAndRelease({ ...ctx, held: { agentId, token } }, work) : undefined,
  )

/** @throws AgentTakenOver when another server works on the agent by now. */
export async function checkHeld(ctx: HeldContext): Promise<void> {
  const { agentId, token } = ctx.held
  if (!(await queries.isClaimed(ctx.db, accountOf(ctx), agentId, token))) throw new AgentTakenOver(agentId)
}

/**
 * Writes down what became of the agent, in one transaction, in which nobody else can take it.
 *
 * @throws AgentTakenOver when somebody has; AgentNotFound
 */
export const writeHeld = <T>(ctx: HeldContext, write: (ctx: HeldContext) => Promise<T>): Promise<T> =>
  inTransaction(ctx.db, async (db) => {
    await lockAgent({ ...ctx, db }, ctx.held.agentId)
    await checkHeld({ ...ctx, db })
    return write({ ...ctx, db })
  })

const tryClaim = (ctx: AccountContext, agentId: string, token: string): Promise<boolean> =>
  queries.claimAgent(ctx.db, accountOf(ctx), agentId, token, workerOf(ctx.platform))

/** Known before it is in the database and until it is no longer there. */
async function withToken<T>(work: (token: string) => Promise<T>): Promise<T> {
  const token = randomUUID()
  tokens.add(token)
  try {
    return await work(token)
  } finally {
    tokens.delete(token)
  }
}

async function workAndRelease<T>(ctx: HeldContext, work: Work<T>): Promise<T> {
  const { agentId, token } = ctx.held
  try {
    return await work(ctx)
  } catch (error) {
    if (error instanceof AgentTakenOver) await driverOf(ctx.platform).letGo?.({ id: agentId, accountId: accountOf(ctx) })
    throw error
  } finally {
    await queries.releaseClaim(ctx.db, accountOf(ctx), token)
  }
}

/** For a server that knows it is the only one, when it starts: what another one was killed at is free again. */
export const releaseInterruptedLeases = (platform: Platform) => queries.releaseAllClaims(platform.databases.system)
