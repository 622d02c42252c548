import { setTimeout as delay } from 'node:timers/promises'
import { AgentNotFound } from '#server/agents/definitions/index.ts'
import { accountOf, type AccountContext, type Platform, isUniqueViolation } from '#server/platform/core/index.ts'
import { hearOfAgents, abortTurnsOf } from '#server/agents/runtime/index.ts'
import { TurnAborted } from './chat.errors.ts'
import * as queries from './chat.queries.ts'

/** A turn that ends on another server is told of; should that get lost, or that server die, this one looks again. */
const POLL_MS = 400
/** Those further behind are woken by the one before them. */
const LOOK_ANYWAY_MS = 60_000

/** A stored turn of this process. */
interface QueuedTurn {
  id: string
  agentId: string
  messageId: string
  /** Turns of an agent are taken in this order. */
  position: number
}

/** A turn that waits in this process. */
interface Waiting {
  position: number
  /** Has it look whether it may begin. */
  wake(): void
}

/** The turns of this process that are not over, by agent. */
const heldTurns = new Map<string, Set<string>>()
/** Those of them that wait, first in line first. Only the first looks whether it may begin. */
const lines = new Map<string, Waiting[]>()

/**
 * Stores a turn that this process works on until `releaseTurn`. It is known before it is in the database, for what
 * is there in the name of this process and not known to it was left behind.
 */
export async function storeTurn<T>({ id, agentId }: Pick<QueuedTurn, 'id' | 'agentId'>, store: () => Promise<T>): Promise<T> {
  heldTurns.set(agentId, (heldTurns.get(agentId) ?? new Set()).add(id))
  try {
    return await store()
  } catch (error) {
    releaseTurn(agentId, id)
    throw error
  }
}

/** A turn is over, or was not stored: whoever is next in line may begin. */
export function releaseTurn(agentId: string, turnId: string): void {
  const held = heldTurns.get(agentId)
  held?.delete(turnId)
  if (held?.size === 0) heldTurns.delete(agentId)
  wakeFirst(agentId)
}

const wakeFirst = (agentId: string): void => lines.get(agentId)?.[0]?.wake()

/**
 * Waits until it is this turn's turn: an agent answers its messages one after the other in the order
 * they came, whichever servers received them.
 *
 * @throws AgentNotFound when it is gone; TurnAborted when others took this server for dead and gave the turn
 * up; the reason of `signal` when it aborts first.
 */
export async function waitForTurn(ctx: AccountContext, turn: QueuedTurn, signal: AbortSignal): Promise<void> {
  const line = lines.get(turn.agentId) ?? []
  lines.set(turn.agentId, line)
  let wake = () => {}
  const mine: Waiting = { position: turn.position, wake: () => wake() }
  const behind = line.findIndex(({ position }) => position > turn.position)
  line.splice(behind < 0 ? line.length : behind, 0, mine)
  try {
    for (;;) {
      signal.throwIfAborted()
      // Made first, so that what ends while this one looks wakes it.
      const woken = new Promise<void>((resolve) => (wake = resolve))
      if (line[0] === mine && (await tryBegin(ctx, turn))) return
      await waitForWake(woken, line[0] === mine ? POLL_MS : LOOK_ANYWAY_MS, signal)
    }
  } finally {
    line.splice(line.indexOf(mine), 1)
    if (line.length === 0) lines.delete(turn.agentId)
    else wakeFirst(turn.agentId)
  }
}

/** @returns whether the turn has begun. @throws AgentNotFound, TurnAborted */
async function tryBegin(ctx: AccountContext, turn: QueuedTurn): Promise<boolean> {
  const claim = await claimTurn(ctx, turn.id)
  if (claim === 'gone') throw new AgentNotFound(turn.agentId)
  if (claim === 'ended') throw new TurnAborted(turn.messageId)
  return claim === 'begun' || ((await giveUpAbandonedTurns(ctx, turn.agentId)) > 0 && tryBegin(ctx, turn))
}

async function claimTurn(ctx: AccountContext, turnId: string): Promise<queries.Claim> {
  try {
    return await queries.claimTurn(ctx.db, accountOf(ctx), turnId)
  } catch (error) {
    if (isUniqueViolation(error)) return 'not_first'
    throw error
  }
}

/** Gives up turns of an agent nobody works on any more. @returns how many there were. */
export const giveUpAbandonedTurns = (ctx: AccountContext, agentId: string): Promise<number> =>
  queries.failAbandonedTurns(ctx.db, accountOf(ctx), agentId, {
    serverId: ctx.platform.serverId,
    workIds: [...(heldTurns.get(agentId) ?? [])],
  })

/** Resolves when it is woken, or after so long. @throws the reason of `signal` when it aborts first. */
async function waitForWake(woken: Promise<void>, longestMs: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([woken, delay(longestMs, undefined, { signal: AbortSignal.any([signal, over.signal]) })])
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    over.abort()
  }
}

/** Has turns of this process begin when others end on other servers, and end when their agent is deleted, on whichever server. */
export const hearOfTurns = (platform: Platform): Promise<void> =>
  hearOfAgents(platform, (notice) => {
    if (notice.kind === 'turn') wakeFirst(notice.agentId)
    if (notice.kind === 'gap') for (const agentId of lines.keys()) wakeFirst(agentId)
    if (notice.kind === 'deleted') void abortTurnsOf(notice.agentId, new AgentNotFound(notice.agentId))
  })
