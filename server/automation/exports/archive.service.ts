import { omitSecrets } from '#server/agents/definitions/index.ts'
import { storedFilesOf } from '#server/agents/files/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { exportedTables, tablesLeftOut, type ExportedTable } from './exported-tables.rules.ts'
import { listRows, ROWS_AT_ONCE, type ExportedRow } from './rows.queries.ts'
import type { TarEntry } from './tar.rules.ts'

/** The size of a file of an archive has to be known before it is written, so rows are gathered up to this many bytes. */
const MAX_PART_BYTES = 4_000_000

interface Archive {
  /** ISO 8601. */
  createdAt: string
  /** Whether files that cannot be read are left out; else they end it with an error, and another attempt may have more luck. */
  isLastAttempt: boolean
}

/**
 * Everything a workspace has, as the files of an archive: a list of rows in JSON for each table (`data/messages.jsonl`, long ones in
 * several parts), uploaded files under `files/`, and `manifest.json`, which says what there is and what was left out.
 *
 * @throws StorageUnavailable
 */
export async function* archiveOf(ctx: AccountContext, { createdAt, isLastAttempt }: Archive): AsyncGenerator<TarEntry> {
  const entryOf = (path: string, bytes: Uint8Array): TarEntry => ({ path, size: bytes.byteLength, modifiedAt: createdAt, bytes: [bytes] })
  const rows: Record<string, number> = {}
  for (const [name, table] of Object.entries(exportedTables)) {
    const ownerId = ownerIn(ctx, table)
    if (ownerId === null) continue
    rows[name] = 0
    let parts = 0
    for await (const part of partsOf(ctx, name, table, ownerId)) {
      rows[name] += part.rows
      parts += 1
      yield entryOf(`data/${name}${parts === 1 ? '' : `-${parts}`}.jsonl`, part.bytes)
    }
  }
  const missing: string[] = []
  let files = 0
  for await (const { id, name, size, createdAt: modifiedAt, open } of storedFilesOf(ctx)) {
    const bytes = await open().catch((error: unknown) => {
      if (!isLastAttempt) throw error
      ctx.log.warn({ err: error, fileId: id }, 'a file could not be read for an export')
    })
    if (!bytes) {
      missing.push(id)
      continue
    }
    files += 1
    yield { path: `files/${id}/${name}`, size, modifiedAt, bytes }
  }
  const { id, name, kind } = ctx.actor.account
  const manifest = {
    format: 'agentbot-export',
    version: 1,
    createdAt,
    workspace: { id, name, kind },
    rows,
    files,
    missing,
    leftOut: tablesLeftOut,
  }
  yield entryOf('manifest.json', new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`))
}

/** Whose rows of a table are exported; null for those of people in the archive of a team. */
const ownerIn = (ctx: AccountContext, { isOfPerson }: ExportedTable): string | null =>
  isOfPerson ? ctx.actor.account.ownerId : accountOf(ctx)

async function* partsOf(ctx: AccountContext, name: string, table: ExportedTable, ownerId: string) {
  let lines: Uint8Array[] = []
  let bytes = 0
  const part = () => ({ rows: lines.length, bytes: Buffer.concat(lines) })
  for await (const { line } of rowsOf(ctx, name, table, ownerId)) {
    const written = new TextEncoder().encode(`${table.hasSecretsIn ? withoutSecrets(line, table.hasSecretsIn) : line}\n`)
    lines.push(written)
    bytes += written.byteLength
    if (bytes < MAX_PART_BYTES) continue
    yield part()
    lines = []
    bytes = 0
  }
  if (lines.length > 0) yield part()
}

async function* rowsOf(ctx: AccountContext, name: string, table: ExportedTable, ownerId: string): AsyncGenerator<ExportedRow> {
  // Entries of the ledger are nobody's: whose they are is said by their book.
  const db = table.only === 'ledger' ? ctx.platform.databases.system : ctx.db
  for (let after: string | undefined; ;) {
    const rows = await listRows(db, name, table, ownerId, after)
    yield* rows
    if (rows.length < ROWS_AT_ONCE) return
    after = rows.at(-1)!.place
  }
}

function withoutSecrets(line: string, column: string): string {
  const row = JSON.parse(line) as Record<string, unknown>
  return JSON.stringify({ ...row, [column]: omitSecrets(row[column]) })
}
