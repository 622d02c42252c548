import type { Platform } from '#server/platform/core/index.ts'
import { removeAgentsOf } from './agents.service.ts'
import * as queries from './deletion.queries.ts'
import { clearedColumns, erasedTables } from './erased-tables.rules.ts'

const MAX_AT_ONCE = 100

/**
 * Erases workspaces and people whose days to be taken back are over. What cannot be erased now, such as the container of an agent
 * whose machine is away, is tried again with the next round.
 */
export async function eraseDue(platform: Platform): Promise<void> {
  const { system } = platform.databases
  for (const { id } of await queries.listDueWorkspaces(system, MAX_AT_ONCE)) {
    if (platform.shutdown.aborted) return
    await eraseWorkspace(platform, id).catch((error: unknown) =>
      platform.log.error({ err: error, account: id }, 'could not erase a deleted workspace yet'),
    )
  }
  await queries.deleteDuePeople(system)
}

async function eraseWorkspace(platform: Platform, accountId: string): Promise<void> {
  const { system, maintenance } = platform.databases
  await removeAgentsOf(platform, accountId)
  // An agent that could not be removed keeps its row: it says where its container is.
  if ((await queries.listAgentIds(system, accountId)).length > 0) return
  for (const table of erasedTables) await queries.eraseRows(platform, table, accountId)
  await queries.unlinkGatewayCalls(maintenance, accountId)
  for (const [table, column] of Object.entries(clearedColumns)) await queries.clearColumn(system, table, column, accountId)
  for (const table of erasedTables) if (await queries.hasRows(system, table, accountId)) return
  await queries.markErased(system, accountId)
  platform.log.info({ account: accountId }, 'a deleted workspace was erased')
}
