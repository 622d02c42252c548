import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { findAgentRow } from '../agents/agents.service.ts'
import { accountOf, type AccountContext, type Platform } from '../core/context.ts'
import * as queries from './runtime.queries.ts'

/** An agent is given up when the server that works on it has not said so for this long. */
const LEASE_SECONDS = 30
const RENEW_EVERY_MS = 10_000
const LOOK_AGAIN_MS = 50

/**
 * Works on an agent while nobody else does, on whichever server: one starts, stops, repairs or checks it
 * at a time. Waits until it is free.
 *
 * @throws AgentNotFound when it is gone; the reason of the signal when the server stops meanwhile.
 */
export async function withAgent<T>(ctx: AccountContext, agentId: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID()
  while (!(await tryClaim(ctx, agentId, token))) await delay(LOOK_AGAIN_MS, undefined, { signal: ctx.platform.shutdown })
  return workAndRelease(ctx, token, work)
}

/** The same, unless somebody works on it already. @returns undefined then, and when it is gone. */
export async function tryWithAgent<T>(ctx: AccountContext, agentId: string, work: () => Promise<T>): Promise<T | undefined> {
  const token = randomUUID()
  const isMine = await queries.claimAgent(ctx.db, accountOf(ctx), agentId, token, LEASE_SECONDS)
  return isMine ? workAndRelease(ctx, token, work) : undefined
}

async function tryClaim(ctx: AccountContext, agentId: string, token: string): Promise<boolean> {
  if (await queries.claimAgent(ctx.db, accountOf(ctx), agentId, token, LEASE_SECONDS)) return true
  await findAgentRow(ctx, agentId)
  return false
}

async function workAndRelease<T>(ctx: AccountContext, token: string, work: () => Promise<T>): Promise<T> {
  const { db, log } = ctx
  const accountId = accountOf(ctx)
  const timer = setInterval(() => {
    queries
      .renewClaim(db, accountId, token, LEASE_SECONDS)
      .catch((error: unknown) => log.warn({ err: error }, 'could not keep an agent to this server'))
  }, RENEW_EVERY_MS)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    await queries.releaseClaim(db, accountId, token)
  }
}

/** For a server that knows it is the only one, when it starts: what another one was killed at is free again. */
export const releaseInterruptedLeases = (platform: Platform) => queries.releaseAllClaims(platform.databases.system)
