import type { Db } from '#db/client.ts'
import type { Secrets } from '../core/index.ts'
import { mapBoxes } from './boxes.rules.ts'
import * as queries from './rotation.queries.ts'
import type { SealedColumn } from './sealed-column.ts'

const PAGE = 200

/** What was done to one column. */
export interface Rotated {
  column: string
  /** Boxes that were made with an earlier secret, and are made with the present one now. */
  resealed: number
  /** Boxes that no secret which is set opens: they are as they were. */
  unreadable: number
}

/**
 * Seals everything with the present secret that was sealed with an earlier one. Servers may run meanwhile, as long as they know
 * both. It can be stopped at any time and begun again: what is done is passed over.
 *
 * @param db Of the system, without time-outs.
 * @param secrets Of the present secret, and of the earlier ones.
 */
export async function rotateSecret(db: Db, secrets: Secrets, columns: readonly SealedColumn[]): Promise<Rotated[]> {
  const done: Rotated[] = []
  for (const column of columns) done.push(await rotateColumn(db, secrets, column))
  return done
}

async function rotateColumn(db: Db, secrets: Secrets, column: SealedColumn): Promise<Rotated> {
  const key = await queries.readPrimaryKey(db, column.table)
  const rotated: Rotated = { column: `${column.table}.${column.column}`, resealed: 0, unreadable: 0 }
  let after: string[] | undefined
  for (;;) {
    const rows = await queries.listRows(db, column, key, PAGE, after)
    for (const row of rows) await rotateRow(db, secrets, column, key, row, rotated)
    if (rows.length < PAGE) return rotated
    after = rows.at(-1)!.place
  }
}

async function rotateRow(
  db: Db,
  secrets: Secrets,
  column: SealedColumn,
  key: string[],
  row: queries.SealedRow,
  rotated: Rotated,
): Promise<void> {
  let changed = 0
  const reseal = (box: string): string => {
    if (secrets.isCurrent(box)) return box
    try {
      const next = secrets.seal(secrets.open(box, column.purpose(row.row)), column.purpose(row.row))
      changed++
      return next
    } catch {
      rotated.unreadable++
      return box
    }
  }
  const before: unknown = row.isJson ? JSON.parse(row.value) : row.value
  const after = mapBoxes(before, reseal)
  if (changed === 0) return
  await queries.replaceValue(db, column, key, row, row.isJson ? JSON.stringify(after) : (after as string))
  rotated.resealed += changed
}
