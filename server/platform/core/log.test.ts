import { describe, expect, test } from 'vitest'
import { DatabaseUnreachable } from '#db/database-failures.ts'
import { DatabaseUnavailable } from './errors.ts'
import { createLogger, withholdFromLog } from './log.ts'

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

describe('secrets', () => {
  const secrets = {
    OPENAI_API_KEY: 'operatorkey',
    DATABASE_URL: 'postgres://me:s%40fe-word@db/x',
    APP_SECRET_PREVIOUS: ['previous-secret-of-the-server-abc'],
  }

  function logAll(...entries: unknown[]) {
    const lines: string[] = []
    const log = createLogger({ LOG_LEVEL: 'info', ...secrets }, { write: (line: string) => void lines.push(line) })
    for (const entry of entries) log.error(entry)
    return lines.join('')
  }

  test('of the configuration are in no line, at any depth, in messages, causes and stacks', () => {
    const cause = new Error('Incorrect API key provided: operatorkey')
    const text = logAll(
      { err: new Error('failed with s@fe-word', { cause: new Error('deeper', { cause }) }) },
      cause,
      'operatorkey in a message',
      { a: { b: [{ c: 'x operatorkey y' }, { failure: cause }] }, d: 'previous-secret-of-the-server-abc' },
    )
    expect(text).not.toMatch(/operatorkey|s@fe|s%40fe|previous-secret/)
    expect(text).toContain('Incorrect API key provided: [removed]')
  })

  test('of the call a failure comes from are in no line of it', () => {
    const refused = withholdFromLog(new Error('the key abcd is not valid'), 'abcd', undefined)
    const text = logAll({ err: new Error('The provider said: the key abcd is not valid', { cause: refused }) }, { err: refused })
    expect(text).not.toContain('abcd')
    expect(text).toContain('the key [removed] is not valid')
  })

  test('are known by the names of their fields', () => {
    const text = logAll({
      headers: { authorization: 'hunter', Cookie: 'hunter', 'x-api-key': 'hunter' },
      password: 'hunter',
      credentials: [{ name: 'hunter' }],
      gatewayToken: 'hunter',
      inputTokens: 12,
      hasPassword: true,
      keyId: 'key_1',
    })
    expect(text).not.toContain('hunter')
    expect(JSON.parse(text)).toMatchObject({ inputTokens: 12, hasPassword: true, keyId: 'key_1' })
  })

  test('take nothing else with them: hashes of transactions, ids, words', () => {
    const txHash = `0x${'4f1d8a07c2be9356'.repeat(4)}`
    expect(JSON.parse(logAll({ txHash, requestId: 'req_01jdx3k9t8f2v9w7b1n5q4h6zc', reason: 'API key not valid' }))).toMatchObject({
      txHash,
      requestId: 'req_01jdx3k9t8f2v9w7b1n5q4h6zc',
      reason: 'API key not valid',
    })
  })

  test('in a circle end', () => {
    const circle: Record<string, unknown> = {}
    circle.circle = circle
    const error = new Error('its own cause')
    error.cause = error
    expect(logAll({ circle }, { err: error })).toContain('its own cause')
  })
})
