/** The database cannot be reached, or did not answer in time. What was asked may or may not have been done. */
export class DatabaseUnreachable extends Error {
  constructor(cause: unknown) {
    super(`The database does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'DatabaseUnreachable'
  }
}

/** The disk under the database is full: it can be read, but nothing can be stored. */
export class DatabaseDiskFull extends Error {
  constructor(cause?: unknown) {
    super('The disk of the database is full.', { cause })
    this.name = 'DatabaseDiskFull'
  }
}

/** Others got in the way again and again, and Postgres undid this each time. */
export class DatabaseConflict extends Error {
  constructor(cause: unknown) {
    super('The database is too busy with the same rows.', { cause })
    this.name = 'DatabaseConflict'
  }
}

/** What a new row refers to is gone: somebody deleted it since it was looked at. */
export class ReferencedRowGone extends Error {
  constructor(cause: unknown) {
    super('What this refers to was deleted meanwhile.', { cause })
    this.name = 'ReferencedRowGone'
  }
}

/** The connection only reads: it serves somebody who may not change anything. */
export class DatabaseReadOnly extends Error {
  constructor(cause: unknown) {
    super('This connection only reads.', { cause })
    this.name = 'DatabaseReadOnly'
  }
}

/**
 * The SQLSTATEs that say the connection is gone, the server is going or coming, or a time-out struck
 * (Postgres manual, appendix A): class 08, 25P03 and 57P05 idle time-outs, 53300 too many connections, 55P03 lock
 * time-out, 57014 statement time-out, 57P01 to 57P03 shutdown, crash and start-up.
 */
const UNREACHABLE = /^(08...|25P03|53300|55P03|57014|57P0[1235])$/
const DISK_FULL = '53100'
const READ_ONLY_TRANSACTION = '25006'
const FOREIGN_KEY_VIOLATION = '23503'
/** SQLSTATEs of data exceptions, whose messages quote the value they complain of. */
const DATA_EXCEPTION = /^22/

/** What an error object of either engine may carry of what was stored or sent: the parameters, and the row in words. */
const CARRIES_VALUES = ['query', 'params', 'parameters', 'queryOptions', 'detail', 'where', 'internalQuery'] as const

type DatabaseError = Error & { code?: unknown } & Partial<Record<(typeof CARRIES_VALUES)[number], unknown>>

/**
 * The error of an engine as the rest of the server may see and log it: without any value that was sent or stored, and
 * as one of the errors above where the database, or somebody else, not the statement, was at fault.
 */
export function explainFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  withoutValues(error)
  const state = sqlStateOf(error)
  if (state === READ_ONLY_TRANSACTION) return new DatabaseReadOnly(error)
  if (state === DISK_FULL) return new DatabaseDiskFull(error)
  // The other kind, a deletion of what is still referred to, is a mistake of this server.
  if (state === FOREIGN_KEY_VIOLATION && error.message.startsWith('insert or update')) return new ReferencedRowGone(error)
  return state && UNREACHABLE.test(state) ? new DatabaseUnreachable(error) : error
}

/** The SQLSTATE of an error, when it is one the database answered with. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  return typeof code === 'string' && severity !== undefined ? code : undefined
}

/** Takes the values off an error, so that it can be logged or printed wherever it ends up. */
function withoutValues(error: DatabaseError): void {
  for (const name of CARRIES_VALUES) delete error[name]
  if (typeof error.code !== 'string' || !DATA_EXCEPTION.test(error.code)) return
  const message = error.message.replace(/".*"/s, '"..."')
  error.stack = error.stack?.replace(error.message, () => message)
  error.message = message
}
