import {
  readAgentCredentials,
  AgentStartFailed,
  AgentTakenOver,
  findAgentRow,
  replaceModel,
  setAgentStatus,
  type AgentRow,
} from '../definitions/index.ts'
import type { AgentStatus } from '../definitions/agents.contract.ts'
import { accountOf, type AccountContext, toAppError } from '#server/platform/core/index.ts'
import { defaultModelId, isModelAvailable, resolveModel } from '#server/models/catalogue/index.ts'
import { checkHeld, writeHeld, type HeldContext } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { driverOf } from '../drivers/index.ts'
import { RuntimeUnreachable } from '../drivers/interface/index.ts'
import { nextLookAt, probeRuntime, RECENT_MS } from './probe.service.ts'
import { syncWorkspace } from './workspace-sync.service.ts'
import { interruptAgent } from './running-turns.ts'
import { refOf, runtimeAgentOf } from './runtime-agent.service.ts'
import { agentWatches as queries } from '../watches/index.ts'
import { watchdogSettings } from './watchdog.rules.ts'

// The steps of which the lifecycle of an agent is made. Whoever takes them holds the agent; all throw AgentTakenOver.

/** Says what is being done to an agent. Should this server be killed at it, the watchdog goes on from there. */
export const beginWork = (ctx: HeldContext, status: 'starting' | 'repairing'): Promise<AgentRow> =>
  note(ctx, status, { nextCheckAt: new Date().toISOString() })

/** Writes down how an agent is and how it does. */
export const note = (
  held: HeldContext,
  status: AgentStatus,
  watch: Partial<queries.Watch & queries.RuntimeSigns>,
  options?: { started: boolean },
): Promise<AgentRow> =>
  writeHeld(held, async (ctx) => {
    const seenAt = driverOf(ctx.platform).inProcess ? null : new Date().toISOString()
    await queries.updateWatch(ctx.db, accountOf(ctx), ctx.held.agentId, { reason: null, ...watch, seenAt })
    return setAgentStatus(ctx, ctx.held.agentId, status, options)
  })

/**
 * Starts an agent, or rebuilds it, and writes down how that went.
 *
 * @param maxAgeMs As `noteRunning` has it.
 * @throws AgentStartFailed; the agent then has status `error`, or `crash_loop` when it failed too often in a row.
 */
export async function startRuntime(
  ctx: HeldContext,
  row: AgentRow,
  how: 'start' | 'repair' = 'start',
  maxAgeMs = RECENT_MS,
): Promise<AgentRow> {
  const began = performance.now()
  const driver = driverOf(ctx.platform)
  await beginWork(ctx, how === 'start' ? 'starting' : 'repairing')
  try {
    const agent = await runtimeAgentOf(ctx, row)
    resolveModel(ctx.platform.env, agent.model, agent.credentials)
    await driver[how](agent, () => checkHeld(ctx))
    if (!driver.inProcess) await syncWorkspace(ctx, agent)
  } catch (error) {
    // The server ends, and with it the start; the next one goes on from there.
    ctx.platform.shutdown.throwIfAborted()
    if (error instanceof AgentTakenOver) throw error
    throw await noteFailedStart(ctx, error)
  }
  const running = await noteRunning(ctx, maxAgeMs)
  const done = how === 'start' ? 'Started' : 'Repaired'
  await writeLog(ctx, row.id, 'agent', 'info', `${done} in ${Math.round(performance.now() - began)} ms`)
  return running
}

/**
 * An agent runs, and was just started; the watchdog looks after it from now on. One inside the server is `degraded` when its model
 * cannot answer.
 *
 * @param maxAgeMs How old what is known of its provider may be.
 */
export async function noteRunning(ctx: HeldContext, maxAgeMs = RECENT_MS): Promise<AgentRow> {
  const started = { failedStarts: 0, ...(await askRuntime(ctx)) }
  if (driverOf(ctx.platform).inProcess) {
    const { state, reason } = await probeRuntime(ctx, await findAgentRow(ctx, ctx.held.agentId), maxAgeMs)
    const status = state === 'running' ? 'running' : 'degraded'
    if (status === 'degraded') await writeLog(ctx, ctx.held.agentId, 'runtime', 'warn', `Not well: ${reason}`)
    return note(ctx, status, { ...started, reason, nextCheckAt: nextLookAt(ctx, status) }, { started: true })
  }
  const { checkEveryMs } = watchdogSettings(ctx.platform.env)
  return note(ctx, 'running', { ...started, nextCheckAt: new Date(Date.now() + checkEveryMs).toISOString() }, { started: true })
}

/** What the runtime of an agent says of itself; nulls for one that lives in the server, or does not answer. */
export async function askRuntime(ctx: HeldContext): Promise<Partial<queries.RuntimeSigns>> {
  const driver = driverOf(ctx.platform)
  if (driver.inProcess) return { ...NOTHING_SAID, runtimeImage: driver.defaultImage }
  const ref = refOf(ctx, { id: ctx.held.agentId })
  try {
    const [{ version, image }, gatewayUrl] = await Promise.all([driver.status(ref), driver.address?.(ref) ?? null])
    return { gatewayUrl, runtimeVersion: version, runtimeImage: image }
  } catch (error) {
    if (error instanceof RuntimeUnreachable) return NOTHING_SAID
    throw error
  }
}

const NOTHING_SAID = { gatewayUrl: null, runtimeVersion: null }

async function noteFailedStart(ctx: HeldContext, error: unknown): Promise<AgentStartFailed> {
  const { agentId } = ctx.held
  const { message, kind, cause } = toAppError(error)
  if (kind === 'internal') ctx.log.error({ err: cause ?? error, agentId }, 'an agent could not be started')
  const watch = await queries.findWatch(ctx.db, accountOf(ctx), agentId)
  const failedStarts = (watch?.failedStarts ?? 0) + 1
  const isTooOften = failedStarts >= watchdogSettings(ctx.platform.env).mostFailedStarts
  await note(ctx, isTooOften ? 'crash_loop' : 'error', { failedStarts, nextCheckAt: null, reason: message })
  await writeLog(ctx, agentId, 'agent', 'error', `Could not be started: ${message}`)
  return new AgentStartFailed(agentId, message)
}

/** Ends an agent and the turns this server works on for it. */
export async function stopRuntime(ctx: HeldContext): Promise<void> {
  const { agentId } = ctx.held
  await interruptAgent(agentId)
  await driverOf(ctx.platform).stop(refOf(ctx, { id: agentId }))
}

/** An agent does not run, because somebody wants it so: nobody looks after it, and how it did is forgotten. */
export const noteStopped = (ctx: HeldContext): Promise<AgentRow> =>
  note(ctx, 'stopped', { ...NO_TROUBLES, failedStarts: 0, nextCheckAt: null })

const NO_TROUBLES = { crashes: [], repairs: 0 }

/** Somebody takes care of the agent, so what the watchdog tried before does not count any more. */
export const resetFailures = (ctx: HeldContext) => noteWatch(ctx, NO_TROUBLES)

/** Writes down how an agent does, while its state stays. */
export const noteWatch = (held: HeldContext, watch: Partial<queries.Watch & queries.RuntimeSigns>): Promise<void> =>
  writeHeld(held, async (ctx) => void (await queries.updateWatch(ctx.db, accountOf(ctx), ctx.held.agentId, watch)))

/** Gives an agent the server's default model when no configured provider has its own any more. @returns the agent then. */
export async function healModel(ctx: AccountContext, { id, model }: AgentRow): Promise<AgentRow | undefined> {
  const { env } = ctx.platform
  if (isModelAvailable(env, model, await readAgentCredentials(ctx, id))) return undefined
  return replaceModel(ctx, id, await defaultModelId(env))
}
