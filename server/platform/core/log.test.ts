import { expect, test } from 'vitest'
import { DatabaseUnreachable } from '#db/database-failures.ts'
import { DatabaseUnavailable } from './errors.ts'
import { createLogger } from './log.ts'

function logInto() {
  const lines: string[] = []
  return { lines, log: createLogger({ LOG_LEVEL: 'info' }, { write: (line: string) => void lines.push(line) }) }
}

test('an error is logged with its cause and where it came from, and without what it carries', () => {
  const { lines, log } = logInto()
  const cause = Object.assign(new Error('no such row'), {
    code: '23503',
    detail: 'Key (email)=(ada@example.org) is missing',
    params: ['hunter2'],
    query: 'select 1',
    where: 'ada@example.org',
    config: { headers: { authorization: 'hunter2' } },
  })
  log.error({ err: new Error('a call failed', { cause }) }, 'it broke')
  expect(JSON.parse(lines[0]!).err).toMatchObject({
    type: 'Error',
    message: 'a call failed',
    stack: expect.stringContaining('log.test.ts'),
    cause: { type: 'Error', message: 'no such row', code: '23503' },
  })
  expect(lines[0]).not.toMatch(/hunter2|ada@example/)
})

test('a database that is away is said once, not by everything that needs it', () => {
  const { lines, log } = logInto()
  const away = new DatabaseUnreachable(new Error('connect ECONNREFUSED'))
  for (let round = 0; round < 100; round++) log.error({ err: round % 2 ? away : new DatabaseUnavailable(away) }, `loop ${round}`)
  log.child({ part: 'x' }).error({ err: away }, 'a child')
  log.error({ err: new Error('something else') }, 'another failure')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['loop 0', 'another failure'])
})
