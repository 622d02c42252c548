import { relative, resolve } from 'node:path'
import type { AgentRef } from '../definitions/agents.contract.ts'
import { AgentTakenOver, NotRepaired, findAgentRow, setAgentImage, type AgentRow } from '../definitions/index.ts'
import { requireActivePlan } from '#server/money/billing/index.ts'
import { type AccountContext, InvalidInput, toAppError } from '#server/platform/core/index.ts'
import { checkHeld, withAgent, writeHeld, type HeldContext } from './agent-lease.ts'
import { writeLog } from './agent-log.service.ts'
import { beginWork, startRuntime, resetFailures, note, noteRunning, stopRuntime } from './start-runtime.service.ts'
import { driverOf } from '../drivers/index.ts'
import { ImageUpdateFailed } from '../drivers/interface/index.ts'
import { interruptAgent } from './running-turns.ts'
import { sayStarted } from './lifecycle.rules.ts'
import { lookAt } from './probe.service.ts'
import { defaultImageOf, runtimeAgentOf } from './runtime-agent.service.ts'
import type { ImageUpdateResult, LifecycleMessage, UpdateImage } from './runtime.contract.ts'

/**
 * Moves an agent to another image and starts it there. Should that not come up, the old one is put
 * back by itself. Messages that arrive meanwhile wait. An agent that nobody wants to run is started there when it is next started.
 *
 * @throws AgentNotFound, PlanRequired; InvalidInput for an image this server does not allow;
 * ImageUpdateFailed, after which the agent runs on the old image; RuntimeFailed, after which it has status `error`.
 */
export async function updateAgentImage(ctx: AccountContext, { agentId, image }: UpdateImage): Promise<ImageUpdateResult> {
  requireActivePlan(ctx)
  const wanted = image ?? defaultImageOf(ctx)
  await findAgentRow(ctx, agentId)
  requireAllowedImage(ctx, wanted)
  return withAgent(ctx, agentId, async (held) => {
    const row = await findAgentRow(ctx, agentId)
    if (row.status === 'stopped' || row.status === 'pending') return changeImageOfStopped(held, row, wanted)
    const driver = driverOf(ctx.platform)
    const agent = await runtimeAgentOf(ctx, row)
    await beginWork(held, 'starting')
    await interruptAgent(agentId)
    try {
      const update = await driver.updateImage(agent, wanted, () => checkHeld(held))
      await writeHeld(held, (inner) => setAgentImage(inner, agentId, update.image))
      // A driver names what the agent was made for, which it need not have come up on.
      const previousImage = row.runtime?.image ?? (row.startedAt === null ? null : update.previousImage)
      await writeLog(ctx, agentId, 'agent', 'info', `Moved from ${previousImage ?? 'no image'} to ${update.image}`)
      const running = await noteRunning(held)
      const backupPath = update.backupPath && withoutDataDir(ctx, update.backupPath)
      return {
        success: true,
        ...sayStarted(running, 'updating'),
        image: update.image,
        previousImage,
        backupPath,
        openclawVersion: running.runtime?.version ?? null,
      }
    } catch (error) {
      if (error instanceof AgentTakenOver) throw error
      await writeLog(ctx, agentId, 'agent', 'error', `Could not be moved to ${wanted}: ${toAppError(error).message}`)
      if (error instanceof ImageUpdateFailed) await noteRunning(held)
      else await note(held, 'error', {})
      throw error
    }
  })
}

async function changeImageOfStopped(held: HeldContext, { id, runtime }: AgentRow, image: string): Promise<ImageUpdateResult> {
  await writeHeld(held, (inner) => setAgentImage(inner, id, image))
  await writeLog(held, id, 'agent', 'info', `Will be started on ${image}`)
  return {
    success: true,
    status: 'stopped',
    message: 'It is started on that image when it is next started.',
    image,
    previousImage: runtime?.image ?? null,
    backupPath: null,
    openclawVersion: null,
  }
}

/** Where the data folder lies is the operator's business; a backup is named from there on. */
function withoutDataDir({ platform }: AccountContext, path: string): string {
  const inside = relative(resolve(platform.env.DATA_DIR), path)
  return inside.startsWith('..') ? path : inside
}

/** @throws InvalidInput */
function requireAllowedImage(ctx: AccountContext, image: string): void {
  const allowed = new Set([defaultImageOf(ctx), ...ctx.platform.env.RUNTIME_IMAGES])
  if (!allowed.has(image)) throw new InvalidInput([{ field: 'image', message: `expected one of ${[...allowed].join(', ')}` }])
}

/**
 * Builds the runtime of an agent anew from its stored configuration and starts it, whatever state it is in. For one that lives
 * in this server there is nothing to build: it is started again, which helps when it was down.
 *
 * @throws AgentNotFound, PlanRequired, AgentStartFailed; NotRepaired when it is not well afterwards.
 */
export async function repairAgent(ctx: AccountContext, { agentId }: AgentRef): Promise<LifecycleMessage> {
  requireActivePlan(ctx)
  return withAgent(ctx, agentId, async (held) => {
    const row = await lookAt(ctx, agentId)
    const { inProcess } = driverOf(ctx.platform)
    if (inProcess && row.status === 'running')
      return { success: true, message: 'It is well: there was nothing to repair', status: 'active' }
    await beginWork(held, 'repairing')
    await resetFailures(held)
    await stopRuntime(held)
    const repaired = await startRuntime(held, row, 'repair')
    if (repaired.status !== 'running') throw new NotRepaired(agentId, repaired.runtime?.reason ?? 'It is not well.')
    return { success: true, message: inProcess ? 'It answers again' : 'Runtime rebuilt', status: 'repaired' }
  })
}
