import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform } from '#server/platform/core/index.ts'
import { listLivingServers } from '#server/platform/host/index.ts'
import { insertUsage, type UsageRow } from './metering.queries.ts'
import { JOURNAL_ENDING, journalFolderOf } from './usage-journal.ts'

/**
 * Stores the calls of models that servers of this data folder had not stored when they were killed. A call whose end nobody saw
 * is stored with what it was asked, marked as estimated: what its provider said is not known.
 */
export async function recoverUsage(platform: Platform): Promise<void> {
  const folder = journalFolderOf(platform)
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(JOURNAL_ENDING))
  const serverOf = (file: string) => file.slice(0, -JOURNAL_ENDING.length)
  const others = files.filter((file) => serverOf(file) !== platform.serverId)
  if (others.length === 0) return
  const living = new Set(await listLivingServers(platform.databases.system, others.map(serverOf)))
  for (const file of others.filter((name) => !living.has(serverOf(name)))) {
    const rows = readRows(await readFile(join(folder, file), 'utf8').catch(() => ''))
    if (rows.length > 0) await insertUsage(platform.databases.system, rows)
    platform.log.info({ file, calls: rows.length }, 'model calls of a server that was killed are stored')
    await rm(join(folder, file), { force: true })
  }
}

/** The last line of each call. A line that was cut off when the server died is none. */
function readRows(text: string): UsageRow[] {
  const rows = new Map<string, UsageRow>()
  for (const line of text.split('\n')) {
    try {
      const row = JSON.parse(line) as UsageRow | null
      if (typeof row?.id === 'string') rows.set(row.id, row)
    } catch {
      continue
    }
  }
  return [...rows.values()]
}
