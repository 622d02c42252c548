import { DatabaseDiskFull, DatabaseUnreachable } from '#db/database-failures.ts'
import { UnsuitableDatabase } from '#db/engine.ts'
import { InvalidConfiguration } from '../core/index.ts'
import { StartRefused } from './start-refused.ts'

type SystemError = NodeJS.ErrnoException & { address?: string; port?: number }

/** What errors of the system mean to whoever starts a server. */
const meanings: Record<string, (error: SystemError) => string> = {
  EACCES: ({ syscall, path, address, port }) =>
    syscall === 'listen'
      ? `This user may not listen on port ${port} of ${address}. Set another PORT.`
      : `This user may not read or write ${path}. Give it to the user the server runs as, or set another DATA_DIR.`,
  EPERM: (error) => meanings.EACCES!(error),
  EADDRINUSE: ({ address, port }) => `Port ${port} of ${address} is in use (EADDRINUSE). Another server uses it; set another PORT.`,
  EADDRNOTAVAIL: ({ address }) => `${address} is no address of this machine. Set another HOST.`,
  ENOTFOUND: ({ syscall, message }) => (syscall === 'getaddrinfo' ? `${message}: there is no machine of that name. Check HOST.` : message),
  EEXIST: ({ path }) => `${path} is a file where a folder is needed. Move it away, or set another DATA_DIR.`,
  ENOTDIR: (error) => meanings.EEXIST!(error),
  EISDIR: ({ path, message }) => `${path ?? message} is a folder where a file is needed. Move it away.`,
  ELOOP: ({ path }) => `${path} is a link that leads to itself. Set another DATA_DIR.`,
  EROFS: ({ path }) => `The disk of ${path} can only be read. Set a DATA_DIR that can be written.`,
  ENOSPC: ({ path }) => `The disk is full${path ? `: ${path} could not be written` : ''}. Make room and start again.`,
  EDQUOT: (error) => meanings.ENOSPC!(error),
}

/** A problem an operator can solve, in one line that says how; undefined for what has to be looked into. */
export function explainStartProblem(error: unknown): string | undefined {
  if (error instanceof InvalidConfiguration || error instanceof StartRefused || error instanceof UnsuitableDatabase) return error.message
  if (error instanceof DatabaseUnreachable)
    return `The database of DATABASE_URL cannot be used (${reasonOf(error.cause)}). Check that it runs, and the address, user and password.`
  if (error instanceof DatabaseDiskFull) return 'The disk of the database is full. Make room and start again.'
  if (!(error instanceof Error)) return undefined
  const { code = '' } = error as SystemError
  return meanings[code]?.(error as SystemError)
}

/** Of an address with several numbers, Node tells what happened to each, and nothing of the whole. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : error instanceof Error ? error.message : String(error)
