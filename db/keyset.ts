import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** Where a row stands in a list that is ordered by a time and then by id: that time in UTC, to the microsecond, and the id. */
export type TimePlace = [at: string, id: string]

/** A time as exactly as Postgres keeps it; what answers carry is cut to milliseconds, in which several rows may fall. */
export const exactTime = (column: string): RawBuilder<string> =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Rows behind a place in a list whose newest comes first. */
export const isOlderThan = (column: string, [at, id]: TimePlace, idColumn = 'id'): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${sql.ref(column)}, ${sql.ref(idColumn)}) < (${at}::timestamptz, ${id})`

/** Rows behind a place in a list whose oldest comes first. */
export const isNewerThan = (column: string, [at, id]: TimePlace): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${sql.ref(column)}, id) > (${at}::timestamptz, ${id})`
