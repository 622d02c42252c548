import { findAgentRow } from '#server/agents/definitions/index.ts'
import { requireScope } from '#server/platform/operations/index.ts'
import { accountOf, type AccountContext, newId } from '#server/platform/core/index.ts'
import { limitedKeyOf } from '#server/models/metering/index.ts'
import type { GetHeartbeat, HeartbeatSettings, HeartbeatUpdated, ResetHeartbeat, UpdateHeartbeat } from './schedules.contract.ts'
import * as queries from './schedules.queries.ts'
import { frequencyOf, HEARTBEAT_PROMPT, intervalOf, nextRun } from './schedules.rules.ts'

const DEFAULT_FREQUENCY = '30m'

/**
 * The heartbeat of an agent. Nothing beats before settings were saved: a beat costs tokens.
 *
 * @throws AgentNotFound
 */
export async function getHeartbeat(ctx: AccountContext, { agentId }: GetHeartbeat): Promise<HeartbeatSettings> {
  if (!agentId) return { source: 'db', enabled: false }
  await findAgentRow(ctx, agentId)
  const saved = await queries.findHeartbeat(ctx.db, accountOf(ctx), agentId)
  if (!saved)
    return {
      source: 'db',
      enabled: true,
      frequency: DEFAULT_FREQUENCY,
      nextRun: null,
      lastRun: null,
      message: 'Defaults; nothing saved yet, and no beat is scheduled until it is.',
    }
  return {
    source: saved.isEnabled ? 'gateway' : 'db',
    enabled: saved.isEnabled,
    frequency: frequencyOf(saved.everyMs!),
    nextRun: saved.nextRunAt,
    lastRun: saved.lastRunAt,
  }
}

/** Saves the settings; the first beat comes one interval from now. @throws Forbidden for a key that may not talk to agents; AgentNotFound */
export async function updateHeartbeat(ctx: AccountContext, { agentId, enabled, ...input }: UpdateHeartbeat): Promise<HeartbeatUpdated> {
  requireScope(ctx, 'chat:write')
  await findAgentRow(ctx, agentId)
  const saved = await queries.findHeartbeat(ctx.db, accountOf(ctx), agentId)
  const frequency = input.frequency ?? (saved ? frequencyOf(saved.everyMs!) : DEFAULT_FREQUENCY)
  const everyMs = intervalOf(frequency)
  await queries.upsertHeartbeat(ctx.db, accountOf(ctx), {
    id: newId('heartbeat'),
    agentId,
    kind: 'heartbeat',
    name: 'Heartbeat',
    prompt: HEARTBEAT_PROMPT,
    everyMs,
    isEnabled: enabled,
    nextRunAt: enabled ? nextRun({ everyMs }, new Date())!.toISOString() : null,
    keyId: limitedKeyOf(ctx),
  })
  return { success: true, source: enabled ? 'gateway' : 'db', enabled, frequency }
}

/** Forgets the settings and the beats there were. @throws AgentNotFound */
export async function resetHeartbeat(ctx: AccountContext, { agentId }: ResetHeartbeat): Promise<{ success: true }> {
  await findAgentRow(ctx, agentId)
  await queries.deleteHeartbeat(ctx.db, accountOf(ctx), agentId)
  return { success: true }
}
