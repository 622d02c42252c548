import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectContract } from '../../contract/contract.ts'
import { withEnv } from '../../contract/with-env.ts'
import { startTestServer, type Answer, type Caller, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let other: TestAccount
beforeAll(async () => {
  server = await startTestServer({ RATE_LIMIT_SCALE: '1', TRUST_PROXY: 'on' })
  account = await server.createAccount()
  other = await server.createAccount()
})
afterAll(() => server.close())

let addresses = 0
/** An address that has not called yet. */
const freshIp = (): string => `203.0.113.${++addresses}`

interface From extends Caller {
  ip?: string
  body?: unknown
}

const call = (method: string, path: string, { ip, ...rest }: From = {}) =>
  server.call(method, path, { ...rest, headers: ip ? { 'x-forwarded-for': ip } : {} })

const stateOf = ({ headers }: Answer) => ({
  limit: Number(headers.get('ratelimit-limit')),
  remaining: Number(headers.get('ratelimit-remaining')),
})

/** Calls as often as given, one after the other. */
async function times(count: number, run: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let index = 0; index < count; index++) answers.push(await run())
  return answers
}

function expectUsedUp(answer: Answer, seconds: number): void {
  expect(answer).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
  expect(stateOf(answer).remaining).toBe(0)
  const wait = Number(answer.headers.get('retry-after'))
  expect(wait).toBe(answer.body.retryAfterSeconds)
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(seconds)
  expect(answer.body.error).toContain(String(wait))
}

describe('the headers of an answer', () => {
  test('count down, and say when the count starts over', async () => {
    const ip = freshIp()
    const answers = await times(3, () => call('GET', '/api/version', { ip }))
    expect(answers.map(stateOf)).toEqual([119, 118, 117].map((remaining) => ({ limit: 120, remaining })))
    const reset = Number(answers[2]!.headers.get('ratelimit-reset'))
    expect(reset).toBeGreaterThan(0)
    expect(reset).toBeLessThanOrEqual(60)
  })

  test('are on refusals too', async () => {
    const ip = freshIp()
    expect(stateOf(await call('GET', '/api/settings', { ip, key: 'sk_bad' }))).toEqual({ limit: 120, remaining: 119 })
    expect(stateOf(await call('POST', '/api/keys/validate', { ip, body: {} }))).toEqual({ limit: 120, remaining: 118 })
  })

  test('are left out where nothing is counted', async () => {
    expect((await call('GET', '/health')).headers.has('ratelimit-limit')).toBe(false)
  })
})

describe('a bucket', () => {
  test('is shared by its operations, and by all transports', async () => {
    const ip = freshIp()
    const answers = [
      await call('GET', '/api/version', { ip }),
      await call('GET', '/api/trial', { ip }),
      await call('GET', '/trpc/system.version', { ip }),
      await call('POST', '/graphql', { ip, body: { query: '{ version { version } }' } }),
      await call('GET', '/api/auth/session', { ip }),
    ]
    expect(answers.map(stateOf).map(({ remaining }) => remaining)).toEqual([119, 118, 117, 116, 115])
  })

  test('counts every call inside one request', async () => {
    const ip = freshIp()
    const query = '{ a: version { version } b: version { version } c: health { status } }'
    expect((await call('POST', '/graphql', { ip, body: { query } })).status).toBe(200)
    expect(stateOf(await call('GET', '/trpc/system.version,system.health?batch=1&input={}', { ip })).limit).toBe(120)
    expect(stateOf(await call('GET', '/api/version', { ip })).remaining).toBe(120 - 3 - 2 - 1)
  })

  test('of addresses counts each address by itself, signed in or not', async () => {
    const [first, second] = [freshIp(), freshIp()]
    await times(3, () => call('GET', '/api/settings', { ip: first, key: account.key }))
    expect(stateOf(await call('GET', '/api/settings', { ip: first, key: other.key })).remaining).toBe(116)
    expect(stateOf(await call('GET', '/api/settings', { ip: second, key: account.key })).remaining).toBe(119)
  })

  test('of users counts an account wherever and with whatever it calls', async () => {
    const ip = freshIp()
    await call('GET', '/api/agents', { ip, key: account.key })
    await call('GET', '/api/agents', { ip: freshIp(), cookie: account.cookie })
    await call('GET', '/trpc/agents.list', { ip: freshIp(), key: account.key })
    expect(stateOf(await call('GET', '/api/agents/provision', { ip, key: account.key }))).toEqual({ limit: 100, remaining: 96 })
    expect(stateOf(await call('GET', '/api/agents', { ip, key: other.key })).remaining).toBe(99)
    expect(stateOf(await call('GET', '/api/agents', { ip })).remaining).toBe(99)
  })

  test('of talking allows 60 calls a minute', async () => {
    expect(stateOf(await call('GET', '/api/chat', { key: account.key }))).toEqual({ limit: 60, remaining: 59 })
  })
})

describe('a bucket that is used up', () => {
  test('refuses the sixth try to sign in, the right password included, for up to 15 minutes', async () => {
    const ip = freshIp()
    const { email, password } = account
    const tries = await times(5, () => call('POST', '/api/auth/login', { ip, body: { email, password: 'a guess' } }))
    expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
    const sixth = await call('POST', '/api/auth/login', { ip, body: { email, password } })
    expectUsedUp(sixth, 900)
    expectContract('signIn', sixth)
    expect(sixth.headers.has('set-cookie')).toBe(false)
    expect((await call('POST', '/api/auth/login', { ip: freshIp(), body: { email, password } })).status).toBe(200)
  })

  test('refuses them through every transport', async () => {
    const ip = freshIp()
    const { email } = account
    const body = { query: `mutation { signIn(email: "${email}", password: "a guess") { id } }` }
    const answers = await times(6, () => call('POST', '/graphql', { ip, body }))
    expect(answers.map((answer) => answer.body.errors[0].extensions.status)).toEqual([401, 401, 401, 401, 401, 429])
    expect(answers[5]!.headers.get('ratelimit-remaining')).toBe('0')
    const overTrpc = await call('POST', '/trpc/accounts.signIn', { ip, body: { email, password: 'a guess' } })
    const refused = { appCode: 'RATE_LIMITED', details: { retryAfterSeconds: expect.any(Number) } }
    expect(overTrpc).toMatchObject({ status: 429, body: { error: { data: refused } } })
    expectUsedUp(await call('POST', '/api/auth/login', { ip, body: { email, password: 'a guess' } }), 900)
  })

  test('counts every password that is tried in one request', async () => {
    const { email, password } = account
    const guesses = [...Array.from({ length: 6 }, () => 'a guess'), password]
    const tries = guesses.map((guess, index) => `try${index}: signIn(email: "${email}", password: "${guess}") { id }`)
    const overGraphql = await call('POST', '/graphql', { ip: freshIp(), body: { query: `mutation { ${tries.join(' ')} }` } })
    expect(Object.values(overGraphql.body.data)).toEqual(guesses.map(() => null))
    const codes = overGraphql.body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)
    expect(codes.filter((code: string) => code === 'RATE_LIMITED')).toHaveLength(2)
    const batch = Object.fromEntries(guesses.map((guess, index) => [index, { email, password: guess }]))
    const path = `/trpc/${guesses.map(() => 'accounts.signIn').join(',')}?batch=1`
    const overTrpc = await call('POST', path, { ip: freshIp(), body: batch })
    const statuses = overTrpc.body.map(({ error }: { error?: { data: { httpStatus: number } } }) => error?.data.httpStatus ?? 200)
    expect(statuses.filter((status: number) => status === 429)).toHaveLength(2)
  })

  test('refuses the eleventh registration of an address in a minute, and no other call', async () => {
    const ip = freshIp()
    const answers = await times(10, () => call('POST', '/api/register', { ip, body: { email: 'not an address', password: 'x' } }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]))
    const eleventh = await call('POST', '/api/register', { ip, body: { email: 'eleventh@example.org', password: 'old-harbour-light' } })
    expectUsedUp(eleventh, 60)
    expectContract('registerAccount', eleventh)
    expect((await call('GET', '/api/version', { ip })).status).toBe(200)
  })

  test('refuses an account its next call before anything is done', async () => {
    const busy = await server.createAccount()
    const answers = await Promise.all(Array.from({ length: 105 }, () => call('POST', '/api/agents', { key: busy.key, body: {} })))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5)
    const refused = await call('POST', '/api/agents', { key: busy.key, body: { name: 'Too many' } })
    expectUsedUp(refused, 60)
    expectContract('createAgent', refused)
    expect((await call('GET', '/api/settings', { ip: freshIp(), key: busy.key })).status).toBe(200)
  })
})

describe('a key with a limit of its own', () => {
  const create = async (rateLimit: number): Promise<string> =>
    (await call('POST', '/api/keys', { cookie: other.cookie, body: { name: 'slow', rateLimit } })).body.key

  test('is refused after as many calls a minute, whatever it calls; other keys are not', async () => {
    const key = await create(3)
    const calls = [
      () => call('GET', '/api/agents', { key }),
      () => call('GET', '/api/settings', { key }),
      () => call('GET', '/api/memory', { key }),
    ]
    const answers = []
    for (const run of calls) answers.push(await run())
    expect(answers.map(stateOf)).toEqual([2, 1, 0].map((remaining) => ({ limit: 3, remaining })))
    expectUsedUp(await call('GET', '/api/settings', { key }), 60)
    expect((await call('GET', '/api/settings', { key: other.key })).status).toBe(200)
  })

  test('is shown whichever limit leaves less', async () => {
    const key = await create(1000)
    expect(stateOf(await call('GET', '/api/settings', { key, ip: freshIp() }))).toEqual({ limit: 120, remaining: 119 })
  })

  test('counts by itself, even next to another with the same limit', async () => {
    const [first, second] = [await create(2), await create(2)]
    await times(2, () => call('GET', '/api/settings', { key: first }))
    expect((await call('GET', '/api/settings', { key: first })).status).toBe(429)
    expect((await call('GET', '/api/settings', { key: second })).status).toBe(200)
  })
})

describe('the address of a caller', () => {
  test('is the last one a proxy adds: earlier ones can be made up', async () => {
    const ip = freshIp()
    await times(2, () => call('GET', '/api/version', { ip }))
    expect(stateOf(await call('GET', '/api/version', { ip: `198.51.100.1, ${ip}` })).remaining).toBe(117)
  })

  test('is that of the connection when there is no proxy', async () => {
    await withEnv(server, { TRUST_PROXY: 'off' }, async () => {
      const before = stateOf(await call('GET', '/api/version', { ip: freshIp() })).remaining
      expect(stateOf(await call('GET', '/api/version', { ip: freshIp() })).remaining).toBe(before - 1)
    })
  })
})
