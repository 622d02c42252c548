import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestAccount, TestServer } from '../helpers/test-server.ts'
import { createOperator, startContractServer } from './contract-server.ts'
import { inputFor, needsGateway } from './examples.ts'
import { createOwner, type Owner } from './fixtures.ts'
import { readyFor } from './renewals.ts'
import { allOperations, transportsOf, everyTransport } from './transports.ts'

const transports = await everyTransport()

describe('the example of', () => {
  test.each(allOperations)('$name fits what the operation takes and answers', ({ input, output, example, kind }) => {
    expect(input.safeParse(example.input).error).toBeUndefined()
    const outputs = kind === 'stream' ? (example.output as unknown[]) : [example.output]
    expect(outputs.length).toBeGreaterThan(0)
    for (const each of outputs) {
      const parsed = output.safeParse(each)
      expect(parsed.error).toBeUndefined()
      // What is not declared would be dropped: the example would show fields that no answer has.
      expect(parsed.data).toEqual(each)
    }
  })

  // What is there without a provider is all a fresh server has.
  test.each(allOperations)('$name names no model but the one every server has', ({ example }) => {
    const { model } = example.input as { model?: string }
    expect([undefined, 'local/commands']).toContain(model)
  })
})

describe('through every transport', () => {
  let server: TestServer
  /** Nothing of this one is ever changed. */
  let reader: Owner
  let writer: Owner
  let operator: TestAccount
  beforeAll(async () => {
    server = await startContractServer()
    reader = await createOwner(server)
    writer = await createOwner(server)
    operator = await createOperator(server)
  })
  afterAll(() => server.close())

  test.each(transports)('$name answers its owner', async ({ operation, transport }) => {
    const subject = operation.kind === 'query' ? reader : await readyFor(server, operation, writer)
    const needsKey = operation.name === 'keys.validateBearer'
    const { cookie } = operation.access === 'admin' ? operator : subject
    const outcome = await transport.call(server, inputFor(operation, subject), needsKey ? { key: subject.key } : { cookie })
    expect(outcome, outcome.text).toMatchObject(
      needsGateway.includes(operation.name) ? { status: 404, code: 'NO_GATEWAY' } : { status: 200 },
    )
    expect(outcome.headers.get('x-request-id')).toMatch(/^req_/)
    // The headers of a tRPC stream are sent before the call is looked at.
    if (operation.bucket && !(transport.name === 'tRPC' && operation.kind === 'stream'))
      expect(outcome.headers.has('ratelimit-limit')).toBe(true)
    for (const secret of subject.secrets) expect(outcome.text).not.toContain(secret)
  })

  test('signing in and out is by the same cookie', async () => {
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
})
