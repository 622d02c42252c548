import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Operation } from '../../server/platform/operations/operation.ts'
import type { TestServer } from '../helpers/test-server.ts'
import { startContractServer } from './contract-server.ts'
import { allOperations, transportsOf, everyTransport } from './transports.ts'
import { createOwner, seedAccount, type Owner } from './fixtures.ts'
import { sampleOf } from './samples.ts'

let server: TestServer
let owner: Owner
/** Nothing of this one is ever changed. */
let reader: Owner
beforeAll(async () => {
  server = await startContractServer()
  reader = await createOwner(server)
})
afterAll(() => server.close())

/** A plan has room for so many schedules, and each test adds some. */
const MAX_TESTS_OF_OWNER = 50
let tests = 0

async function subjectFor({ name, kind }: Operation): Promise<Owner> {
  if (kind === 'query') return reader
  // What ends a session or uses up a key needs an account of its own.
  if (/^(accounts|keys)\./.test(name)) return createOwner(server)
  if (tests++ % MAX_TESTS_OF_OWNER === 0) owner = await createOwner(server)
  return seedAccount(server, owner)
}

test.each(await everyTransport())('$name answers its owner', async ({ operation, transport }) => {
  const subject = await subjectFor(operation)
  const needsKey = operation.name === 'keys.validateBearer'
  const outcome = await transport.call(
    server,
    sampleOf(operation.name, subject),
    needsKey ? { key: subject.key } : { cookie: subject.cookie },
  )
  expect(outcome, outcome.text).toMatchObject({ status: 200 })
  expect(outcome.headers.get('x-request-id')).toMatch(/^req_/)
  // The headers of a tRPC stream are sent before the call is looked at.
  if (operation.bucket && !(transport.name === 'tRPC' && operation.kind === 'stream'))
    expect(outcome.headers.has('ratelimit-limit')).toBe(true)
  for (const secret of subject.secrets) expect(outcome.text).not.toContain(secret)
})

test('every transport signs in and out with the same cookie', async () => {
  const [signIn, signOut] = ['accounts.signIn', 'accounts.signOut'].map((name) =>
    allOperations.find((operation) => operation.name === name)!,
  )
  const ways = await Promise.all([transportsOf(signIn!), transportsOf(signOut!)])
  for (const [index, transport] of ways[0].entries()) {
    const { email, password } = reader
    const cookie = (await transport.call(server, { email, password }, {})).headers.get('set-cookie')!
    expect(cookie, transport.name).toMatch(/^agentbot-session=\w+; HttpOnly; Max-Age=2592000; Path=\/; SameSite=Lax$/)
    const session = { cookie: cookie.split(';')[0]! }
    expect((await server.call('GET', '/api/settings', session)).body.id).toBe(reader.id)
    const cleared = await ways[1][index]!.call(server, {}, session)
    expect(cleared.headers.get('set-cookie'), transport.name).toMatch(/^agentbot-session=; /)
    expect((await server.call('GET', '/api/settings', session)).status).toBe(401)
  }
})
