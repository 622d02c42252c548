import { setTimeout as delay } from 'node:timers/promises'
import { accountOf, type AccountContext } from '../core/context.ts'
import { isUniqueViolation } from '../core/database-errors.ts'
import * as queries from './chat.queries.ts'

/** A turn is given up when its server has not renewed it for this long. */
export const LEASE_SECONDS = 30
const RENEW_EVERY_MS = 10_000
/** Turns of other servers end without telling this one, so it looks again. */
const LOOK_AGAIN_MS = 150

/** Who waits in this process for an agent to be free, to be woken as soon as it is. */
const waiting = new Map<string, Set<() => void>>()

/** Tells those who wait for the agent in this process that a turn of it has ended. */
export function wakeWaiting(agentId: string): void {
  for (const wake of waiting.get(agentId) ?? []) wake()
}

/**
 * Waits until it is this turn's turn: an agent answers its messages one after the other in the order
 * they came, whichever servers received them.
 *
 * @throws the reason of `signal` when it aborts first.
 */
export async function waitForTurn(ctx: AccountContext, agentId: string, turnId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const woken = nextWake(agentId)
    try {
      if (await tryClaim(ctx, agentId, turnId)) return
      await woken.promise(signal)
    } finally {
      woken.cancel()
    }
  }
}

async function tryClaim(ctx: AccountContext, agentId: string, turnId: string): Promise<boolean> {
  await queries.failExpiredTurns(ctx.db, accountOf(ctx), agentId)
  try {
    return await queries.claimTurn(ctx.db, accountOf(ctx), turnId, LEASE_SECONDS)
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

function nextWake(agentId: string) {
  const wakers = waiting.get(agentId) ?? new Set()
  waiting.set(agentId, wakers)
  const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
  wakers.add(wake)
  return {
    promise: (signal: AbortSignal) => Promise.race([woken, delay(LOOK_AGAIN_MS, undefined, { signal })]),
    cancel: () => {
      wakers.delete(wake)
      if (wakers.size === 0) waiting.delete(agentId)
    },
  }
}

/** Keeps a turn alive until the returned function is called. */
export function keepLease(ctx: AccountContext, turnId: string): () => void {
  const timer = setInterval(() => {
    queries
      .renewLease(ctx.db, accountOf(ctx), turnId, LEASE_SECONDS)
      .catch((error: unknown) => ctx.log.warn({ err: error, turnId }, 'could not renew a turn'))
  }, RENEW_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
