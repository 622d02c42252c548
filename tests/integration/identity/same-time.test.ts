import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toBase62 } from '../../../server/platform/core/ids.ts'
import { noting } from '../../helpers/count-statements.ts'
import { waitForQueue } from '../../helpers/outbox.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Whether somebody has an account is not to be told by how long the answer takes. What the database is asked is compared;
// what is measured is the hashing of passwords, so generously that only a hash that was left out can be seen in it.

const ROUNDS = 15

const statements: string[] = []
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer({}, undefined, { engine: (engine) => noting(engine, statements) })
  account = await server.createAccount()
})
afterAll(() => server.close())

interface Call {
  path: string
  body: Record<string, unknown>
  status: number
}

interface Pair {
  /** About somebody, or something, there is. */
  known(round: number): Call
  /** About nobody. */
  unknown(round: number): Call
  /** Which statements are compared, where not all that are about people. */
  asks?: RegExp
  /** Whether a password is hashed, which takes far longer than anything else. */
  hashes?: boolean
}

const signIn = (email: string): Call => ({ path: '/api/auth/login', body: { email, password: 'a guess at the password' }, status: 401 })
const checkKey = (apiKey: string): Call => ({ path: '/api/keys/validate', body: { apiKey }, status: 401 })

const forgot = (email: string): Call => ({ path: '/api/auth/forgot-password', body: { email }, status: 200 })

const pairs: Record<string, Pair> = {
  'a sign-in': {
    known: () => signIn(account.email),
    unknown: (round) => signIn(`nobody${round}@example.org`),
    hashes: true,
  },
  // Whether there is somebody to write to is looked up afterwards, by a job that nobody waits for.
  'a request for a reset': {
    known: () => forgot(account.email),
    unknown: (round) => forgot(`nobody${round}@example.org`),
    asks: /^insert into "?jobs/,
  },
  // A wrong checksum is refused without a question, whoever's key it is. Whole keys are answered otherwise by contract; nobody is to find one letter by letter.
  'the check of a key that begins as one there is': {
    known: (round) => checkKey(withChecksum(account.key.slice(3, 40) + String(round).padStart(6, '0'))),
    unknown: (round) => checkKey(withChecksum(String(round).padStart(43, '0'))),
  },
}

/** A key as it is written, of its 43 random characters. */
const withChecksum = (secret: string): string => `sk_${secret}${toBase62(BigInt(crc32(secret)), 6)}`

/** @returns how long it took, in milliseconds. */
async function make({ path, body, status }: Call): Promise<number> {
  const began = performance.now()
  const answer = await server.call('POST', path, { body })
  const took = performance.now() - began
  expect(answer.status, JSON.stringify(answer.body)).toBe(status)
  return took
}

/** What is asked about people and what proves who they are; a server at rest asks about its work meanwhile. */
const OF_PEOPLE = /"(?:accounts|users|passwords|api_keys|identities|sessions|one_time_tokens|passkeys)"|insert into "?jobs/

/** So much longer takes nothing but a hash: by the fastest of many calls in turn, which a busy machine slows down least. */
const MAX_RATIO = 3

test.each(Object.entries(pairs))('%s asks the database for the same, known or not', async (_name, { known, unknown, asks = OF_PEOPLE }) => {
  const askedFor = async (call: Call) => {
    // Letters that earlier calls asked for are written.
    await waitForQueue(server)
    const before = statements.length
    await make(call)
    const asked = statements.slice(before).filter((sql) => asks.test(sql) && !sql.includes('"schedules"'))
    // What the queue makes of the job it was given, it may begin with before the answer is out.
    return asks === OF_PEOPLE ? asked : asked.slice(0, 1)
  }
  // What a server does once, it has done.
  await make(known(100))
  await make(unknown(100))
  const asked = await askedFor(known(101))
  expect(asked.length).toBeGreaterThan(0)
  expect(await askedFor(unknown(101))).toEqual(asked)
})

test.each(Object.entries(pairs).filter(([, { hashes }]) => hashes))(
  '%s hashes a password, known or not',
  async (_name, { known, unknown }) => {
    const took: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let round = 0; round < ROUNDS; round++) {
      took.known.push(await make(known(round)))
      took.unknown.push(await make(unknown(round)))
    }
    const ratio = Math.min(...took.known) / Math.min(...took.unknown)
    expect(ratio, JSON.stringify(took)).toBeGreaterThan(1 / MAX_RATIO)
    expect(ratio, JSON.stringify(took)).toBeLessThan(MAX_RATIO)
  },
)
