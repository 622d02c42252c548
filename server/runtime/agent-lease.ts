import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { findAgentRow } from '../agents/agents.service.ts'
import { accountOf, type AccountContext, type Platform } from '../core/context.ts'
import type { Worker } from '../core/server-lease.ts'
import * as queries from './runtime.queries.ts'

const LOOK_AGAIN_MS = 50

/** What this process is at. */
const tokens = new Set<string>()

/** This server, for those who ask whether an agent is free: it is when the server that works on it is dead. */
export const workerOf = ({ serverId }: Platform): Worker => ({ serverId, workIds: [...tokens] })

/**
 * Works on an agent while nobody else does, on whichever server: one starts, stops, repairs or checks it
 * at a time. Waits until it is free.
 *
 * @throws AgentNotFound when it is gone; the reason of the signal when the server stops meanwhile.
 */
export async function withAgent<T>(ctx: AccountContext, agentId: string, work: () => Promise<T>): Promise<T> {
  return withToken(async (token) => {
    while (!(await tryClaim(ctx, agentId, token))) {
      await findAgentRow(ctx, agentId)
      await delay(LOOK_AGAIN_MS, undefined, { signal: ctx.platform.shutdown })
    }
    return workAndRelease(ctx, token, work)
  })
}

/** The same, unless somebody works on it already. @returns undefined then, and when it is gone. */
export const tryWithAgent = <T>(ctx: AccountContext, agentId: string, work: () => Promise<T>): Promise<T | undefined> =>
  withToken(async (token) => ((await tryClaim(ctx, agentId, token)) ? workAndRelease(ctx, token, work) : undefined))

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

async function workAndRelease<T>({ db, actor }: AccountContext, token: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await queries.releaseClaim(db, actor.account.id, token)
  }
}

/** For a server that knows it is the only one, when it starts: what another one was killed at is free again. */
export const releaseInterruptedLeases = (platform: Platform) => queries.releaseAllClaims(platform.databases.system)
