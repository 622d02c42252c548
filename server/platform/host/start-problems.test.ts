import { expect, test } from 'vitest'
import { DatabaseUnreachable } from '#db/database-failures.ts'
import { explainStartProblem } from './start-problems.ts'

const systemError = (code: string, facts: Record<string, unknown>) => Object.assign(new Error(`${code}: it failed`), { code, ...facts })

test.each([
  [
    systemError('EACCES', { path: '/data/server.lock' }),
    'This user may not read or write /data/server.lock. Give it to the user the server runs as, or set another DATA_DIR.',
  ],
  [
    systemError('EACCES', { syscall: 'listen', address: '127.0.0.1', port: 80 }),
    'This user may not listen on port 80 of 127.0.0.1. Set another PORT.',
  ],
  [systemError('ENOTDIR', { path: '/data' }), '/data is a file where a folder is needed. Move it away, or set another DATA_DIR.'],
  [systemError('EROFS', { path: '/data' }), 'The disk of /data can only be read. Set a DATA_DIR that can be written.'],
  [systemError('ENOSPC', {}), 'The disk is full. Make room and start again.'],
  [systemError('EADDRNOTAVAIL', { address: '10.9.9.9' }), '10.9.9.9 is no address of this machine. Set another HOST.'],
  [
    new DatabaseUnreachable(
      new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('connect ECONNREFUSED 127.0.0.1:5432')]),
    ),
    'The database of DATABASE_URL cannot be used (connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432). Check that it runs, and the address, user and password.',
  ],
])('%s is one line that says what to do', (error, line) => expect(explainStartProblem(error)).toBe(line))

test('what an operator cannot solve is not explained away', () =>
  expect(explainStartProblem(new TypeError('x is undefined'))).toBeUndefined())
