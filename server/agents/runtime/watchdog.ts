import { isComing, isUpSoon, wantedStatuses } from '../definitions/agent-status.contract.ts'
import { findAgentRow, markDegraded, type AgentRow, AgentNotFound, AgentStartFailed, AgentTakenOver } from '../definitions/index.ts'
import { jobContext } from '#server/platform/account/index.ts'
import { accountOf, type AccountContext, type Platform } from '#server/platform/core/index.ts'
import { tryWithAgent, workerOf, type HeldContext } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { askRuntime, startRuntime, note, noteWatch, stopRuntime } from './start-runtime.service.ts'
import { driverOf } from '../drivers/index.ts'
import { RuntimeUnreachable, type RuntimeRef } from '../drivers/interface/index.ts'
import { AS_KNOWN, nextLookAt, probeRuntime } from './probe.service.ts'
import { deliverWorkspaces } from './workspace-sync-delivery.ts'
import { agentWatches as queries } from '../watches/index.ts'
import { judge, nextRepairAt, watchdogSettings, type Finding, type Verdict } from './watchdog.rules.ts'

const MAX_AT_ONCE = 10
const LOOK_EVERY_MS = 1000
/** Pause after a look that failed: whoever comes back needs the database more. */
const REST_MS = 10_000
/** Several agents with one provider may be looked at in a row. */
const INSIDE_MAX_AGE_MS = 1000

/**
 * Looks after the agents that should run: finds those that are down or unwell, repairs them, and gives up
 * those that cannot be helped. Any number of servers may do so, since each agent is worked on by one at a time.
 */
export class Watchdog {
  readonly #platform: Platform
  readonly #now: () => number
  /** Agents that ran when this server was not there yet, and ended with the one before it. */
  readonly #resuming = new Set<string>()

  /** @param now The time in milliseconds. */
  constructor(platform: Platform, now: () => number = Date.now) {
    this.#platform = platform
    this.#now = now
  }

  /** Takes over what ran before this server started. */
  async takeOver(): Promise<void> {
    const { databases } = this.#platform
    const driver = driverOf(this.#platform)
    if (driver.inProcess) return void (await queries.forgetRuntimes(databases.system))
    await driver
      .endLeftOvers?.()
      .catch((error: unknown) => this.#platform.log.error({ err: error }, 'agents that a killed server left running could not be ended'))
    await queries.watchUnwatched(databases.system, this.#time())
    if (driver.endsWithServer !== true) return
    for (const id of await queries.makeAllDue(databases.system, this.#time())) this.#resuming.add(id)
  }

  /** Checks the agents whose check is due. */
  async check(): Promise<void> {
    const due = await queries.listDue(this.#platform.databases.system, wantedStatuses, this.#time(), MAX_AT_ONCE, workerOf(this.#platform))
    await Promise.all(due.map((ref) => this.#checkOne(ref)))
  }

  async #checkOne({ id, accountId }: RuntimeRef): Promise<void> {
    const ctx = await jobContext(this.#platform, accountId)
    if (!ctx) return
    try {
      await tryWithAgent(ctx, id, (held) => this.#examine(held))
    } catch (error) {
      // Whoever has taken it over looks after it.
      if (!(error instanceof AgentNotFound || error instanceof AgentTakenOver))
        ctx.log.error({ err: error, agentId: id }, 'an agent could not be checked')
    }
  }

  async #examine(ctx: HeldContext): Promise<void> {
    const { agentId } = ctx.held
    const row = await findAgentRow(ctx, agentId)
    const watch = await queries.findWatch(ctx.db, accountOf(ctx), agentId)
    // Another server may have done so since this one looked.
    if (!watch?.nextCheckAt || Date.parse(watch.nextCheckAt) > this.#now() || !isUpSoon(row.status)) return
    if (driverOf(ctx.platform).inProcess && !isComing(row.status)) return this.#examineInside(ctx, row)
    // Something was being done to it: found so with nobody at it, its server was killed.
    const { finding, reason } = isComing(row.status) && driverOf(ctx.platform).inProcess ? INTERRUPTED : await probe(ctx, row)
    const isKnownDown = this.#resuming.delete(agentId) || isComing(row.status)
    const was = isKnownDown ? 'down' : row.status === 'degraded' ? 'unwell' : 'up'
    const verdict = judge(finding, watch, was, this.#now(), watchdogSettings(ctx.platform.env))
    // Of an agent that was started by an earlier version it was not written down.
    const said = finding === 'running' && watch.gatewayUrl === null ? await askRuntime(ctx) : {}
    await noteWatch(ctx, { ...verdict.watch, ...said, ...(finding === 'unreachable' ? {} : { seenAt: this.#time() }) })
    await this.#act(ctx, row, verdict, reason)
  }

  /** An agent that lives in this server is looked at only while its model cannot answer, and repairing it would help nothing. */
  async #examineInside(ctx: HeldContext, row: AgentRow): Promise<void> {
    const { state, reason } = await probeRuntime(ctx, row, INSIDE_MAX_AGE_MS)
    const status = state === 'running' ? 'running' : 'degraded'
    await noteWatch(ctx, { reason, nextCheckAt: nextLookAt(ctx, status) })
    await this.#noteChange(ctx, row, status, reason)
  }

  async #act(ctx: HeldContext, row: AgentRow, { action, status, watch }: Verdict, reason: string): Promise<void> {
    if (action === 'give_up') return giveUp(ctx, reason)
    if (action === 'repair') return this.#repair(ctx, row, watch, reason)
    await this.#noteChange(ctx, row, status, status === 'running' ? null : reason)
  }

  async #noteChange(ctx: HeldContext, row: AgentRow, status: 'running' | 'degraded', reason: string | null): Promise<void> {
    if (status === row.status) return
    await note(ctx, status, { reason })
    if (status === 'running') await writeLog(ctx, row.id, 'watchdog', 'info', 'Well again')
    else await writeLog(ctx, row.id, 'watchdog', 'warn', `Not well: ${reason}`)
  }

  async #repair(ctx: HeldContext, row: AgentRow, watch: queries.Watch, reason: string): Promise<void> {
    const settings = watchdogSettings(ctx.platform.env)
    await writeLog(ctx, row.id, 'watchdog', 'warn', `${reason} Repair ${watch.repairs} of ${settings.mostRepairs}.`)
    try {
      await startRuntime(ctx, row, 'repair', AS_KNOWN)
      if (!driverOf(ctx.platform).inProcess) await noteWatch(ctx, { nextCheckAt: watch.nextCheckAt })
    } catch (error) {
      if (!(error instanceof AgentStartFailed)) throw error
      const nextCheckAt = nextRepairAt({ repairs: watch.repairs, failedStarts: watch.failedStarts + 1 }, this.#now(), settings)
      if (nextCheckAt === null) return giveUp(ctx, error.message)
      await note(ctx, 'repairing', { nextCheckAt, reason: error.message })
    }
  }

  #time(): string {
    return new Date(this.#now()).toISOString()
  }
}

const INTERRUPTED: { finding: Finding; reason: string } = { finding: 'stopped', reason: 'The server stopped while it worked on the agent.' }

async function probe(ctx: AccountContext, row: AgentRow): Promise<{ finding: Finding; reason: string }> {
  try {
    const { state, reason } = await probeRuntime(ctx, row)
    return {
      finding: state,
      reason: reason ?? (state === 'stopped' ? 'The agent does not run any more.' : 'The agent does not answer as it should.'),
    }
  } catch (error) {
    if (error instanceof RuntimeUnreachable) return { finding: 'unreachable', reason: error.message }
    throw error
  }
}

async function giveUp(ctx: HeldContext, reason: string): Promise<void> {
  await stopRuntime(ctx)
  await note(ctx, 'crash_loop', { nextCheckAt: null, reason })
  await writeLog(ctx, ctx.held.agentId, 'watchdog', 'error', `Given up: ${reason} Start or repair the agent once the cause is gone.`)
}

/** Has this server look after agents until it stops. */
export async function startWatchdog(platform: Platform): Promise<void> {
  const watchdog = new Watchdog(platform)
  await watchdog.takeOver()
  driverOf(platform).onExit?.((ref, reason) => void noteExit(platform, ref, reason))
  const checks = new Set<Promise<void>>()
  let restsUntil = 0
  // A repair can take long; agents that are not worked on are looked after meanwhile.
  const timer = setInterval(() => {
    if (performance.now() < restsUntil) return
    const check = Promise.all([watchdog.check(), deliverWorkspaces(platform)]).then(
      () => undefined,
      (error: unknown) => {
        restsUntil = performance.now() + REST_MS
        platform.log.error({ err: error }, 'agents could not be looked after')
      },
    )
    checks.add(check)
    void check.finally(() => checks.delete(check))
  }, LOOK_EVERY_MS)
  timer.unref()
  platform.shutdown.addEventListener('abort', () => clearInterval(timer))
  platform.beforeClose(async () => void (await Promise.all(checks)))
}

async function noteExit(platform: Platform, { id, accountId }: RuntimeRef, reason: string): Promise<void> {
  try {
    const ctx = await jobContext(platform, accountId)
    if (!ctx || platform.shutdown.aborted) return
    // One that was told to end, or that somebody is working on, is not waiting for a check.
    if (await queries.checkNow(ctx.db, accountOf(ctx), id, new Date().toISOString())) await writeLog(ctx, id, 'runtime', 'error', reason)
  } catch (error) {
    platform.log.error({ err: error, agentId: id }, 'the end of an agent could not be written down')
  }
}

/** Says that an agent did not answer, so that it is looked after at once. */
export async function reportUnreachable(ctx: AccountContext, agentId: string): Promise<void> {
  await markDegraded(ctx, agentId)
  await queries.checkNow(ctx.db, accountOf(ctx), agentId, new Date().toISOString())
}
