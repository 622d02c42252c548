import { readAgentCredentials } from '../agents/agent-credentials.service.ts'
import { AgentStartFailed } from '../agents/agents.errors.ts'
import { replaceModel, setAgentStatus, type AgentRow } from '../agents/agents.service.ts'
import { accountOf, type AccountContext } from '../core/context.ts'
import { toAppError } from '../core/errors.ts'
import { defaultModelId } from '../models/catalogue.ts'
import { isModelAvailable, resolveModel } from '../models/providers.ts'
import { writeLog } from './agent-log.service.ts'
import { driverOf } from './create-driver.ts'
import { handOver } from './knowledge.service.ts'
import { interruptAgent } from './running-turns.ts'
import { refOf, runtimeAgentOf } from './runtime-agent.service.ts'
import * as queries from './runtime.queries.ts'
import { watchdogSettings } from './watchdog.rules.ts'

// The steps of which the lifecycle of an agent is made. Whoever takes them holds the agent.

/** Says what is being done to an agent. Should this server be killed at it, the watchdog goes on from there. */
export async function beginWork(ctx: AccountContext, agentId: string, status: 'starting' | 'repairing'): Promise<void> {
  await setAgentStatus(ctx, agentId, status)
  await queries.updateWatch(ctx.db, accountOf(ctx), agentId, { nextCheckAt: new Date().toISOString() })
}

/**
 * Starts an agent, or rebuilds it, and writes down how that went.
 *
 * @throws AgentStartFailed; the agent then has status `error`, or `crash_loop` when it failed too often in a row.
 */
export async function bringUp(ctx: AccountContext, row: AgentRow, how: 'start' | 'repair' = 'start'): Promise<AgentRow> {
  const began = performance.now()
  const driver = driverOf(ctx.platform)
  await beginWork(ctx, row.id, how === 'start' ? 'starting' : 'repairing')
  try {
    const agent = await runtimeAgentOf(ctx, row)
    resolveModel(ctx.platform.env, agent.model, agent.credentials)
    await driver[how](agent)
    if (!driver.livesInServer) await handOver(ctx, agent)
  } catch (error) {
    // The server ends, and with it the start; the next one goes on from there.
    ctx.platform.shutdown.throwIfAborted()
    throw await noteFailedStart(ctx, row.id, error)
  }
  const done = how === 'start' ? 'Started' : 'Repaired'
  await writeLog(ctx, row.id, 'agent', 'info', `${done} in ${Math.round(performance.now() - began)} ms`)
  return noteRunning(ctx, row.id)
}

/** An agent runs, and was just started; the watchdog looks after it from now on. */
export async function noteRunning(ctx: AccountContext, agentId: string): Promise<AgentRow> {
  const { checkEveryMs } = watchdogSettings(ctx.platform.env)
  const nextCheckAt = driverOf(ctx.platform).livesInServer ? null : new Date(Date.now() + checkEveryMs).toISOString()
  await queries.updateWatch(ctx.db, accountOf(ctx), agentId, { failedStarts: 0, nextCheckAt })
  return setAgentStatus(ctx, agentId, 'running', { started: true })
}

async function noteFailedStart(ctx: AccountContext, agentId: string, error: unknown): Promise<AgentStartFailed> {
  const { message, kind, cause } = toAppError(error)
  if (kind === 'internal') ctx.log.error({ err: cause ?? error, agentId }, 'an agent could not be started')
  const watch = await queries.findWatch(ctx.db, accountOf(ctx), agentId)
  const failedStarts = (watch?.failedStarts ?? 0) + 1
  const isTooOften = failedStarts >= watchdogSettings(ctx.platform.env).mostFailedStarts
  await queries.updateWatch(ctx.db, accountOf(ctx), agentId, { failedStarts, nextCheckAt: null })
  await setAgentStatus(ctx, agentId, isTooOften ? 'crash_loop' : 'error')
  await writeLog(ctx, agentId, 'agent', 'error', `Could not be started: ${message}`)
  return new AgentStartFailed(agentId, message)
}

/** Ends an agent and the turns this server works on for it. */
export async function takeDown(ctx: AccountContext, row: AgentRow): Promise<void> {
  await interruptAgent(row.id)
  await driverOf(ctx.platform).stop(refOf(ctx, row))
}

/** An agent does not run, because somebody wants it so: nobody looks after it, and how it did is forgotten. */
export async function noteStopped(ctx: AccountContext, agentId: string): Promise<void> {
  await setAgentStatus(ctx, agentId, 'stopped')
  await forgetTroubles(ctx, agentId)
  await queries.updateWatch(ctx.db, accountOf(ctx), agentId, { failedStarts: 0, nextCheckAt: null })
}

/** Somebody takes care of the agent, so what the watchdog tried before does not count any more. */
export const forgetTroubles = (ctx: AccountContext, agentId: string) =>
  queries.updateWatch(ctx.db, accountOf(ctx), agentId, { crashes: [], repairs: 0 })

/** Gives an agent the server's default model when no configured provider has its own any more. @returns the agent then. */
export async function healModel(ctx: AccountContext, { id, model }: AgentRow): Promise<AgentRow | undefined> {
  const { env } = ctx.platform
  if (isModelAvailable(env, model, await readAgentCredentials(ctx, id))) return undefined
  return replaceModel(ctx, id, await defaultModelId(env))
}
