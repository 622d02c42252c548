import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transportsOf, everyTransport, allOperations, type Outcome } from '../../contract/transports.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { dumpRows } from '../../contract/owner-rows.ts'
import { inputFor } from '../../contract/examples.ts'
import type { Operation } from '../../../server/platform/operations/operation.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'
import { startContractServer } from '../../contract/contract-server.ts'

const transports = await everyTransport()
let server: TestServer
let owner: Owner
let rows: string
beforeAll(async () => {
  server = await startContractServer()
  owner = await createOwner(server)
  // Whoever uses the key later would change when it was last used.
  await server.call('GET', '/api/settings', { key: owner.key })
  rows = await dumpRows(server, owner.id)
})
afterAll(() => server.close())

const askAgent = ({ agentId }: Owner) => ({ model: `agent:${agentId}`, messages: [{ role: 'user', content: 'help' }] })

/** What somebody else would try where the example names no rows, or proves to be the owner. */
const attempts: Record<string, (owner: Owner) => Record<string, unknown>> = {
  'accounts.register': ({ email, password }) => ({ email: email.toUpperCase(), password }),
  'accounts.signIn': ({ email }) => ({ email, password: 'a guess at the password' }),
  'accounts.updateProfile': ({ email, password }) => ({ email, currentPassword: password }),
  'accounts.changePassword': ({ email }) => ({ currentPassword: email, newPassword: 'another password' }),
  'payments.submitVoucher': ({ voucher }) => ({ ...voucher, nonce: 'another' }),
  'keys.validate': ({ key }) => ({ apiKey: key.slice(0, 10) }),
  'openai.complete': askAgent,
  'openai.stream': askAgent,
}

const attemptOf = (operation: Operation, from: Owner): Record<string, unknown> =>
  attempts[operation.name]?.(from) ?? inputFor(operation, from)

/** Whether an input names rows of its owner. */
function namesRows(input: Record<string, unknown>): boolean {
  const { agentId, keyId, sessionId, messageId, fileId, taskId, scheduleId, passkeyId } = input
  return [agentId, keyId, sessionId, messageId, fileId, taskId, scheduleId, passkeyId].some((id) => id !== undefined)
}

/** Nothing by which the owner's data would be recognised is in the answer, except what the caller itself sent. */
function expectNothingOf(
  { id, email, key, agentId, sessionId, messageId, failedMessageId, keyId, marker, secrets }: Owner,
  outcome: Outcome,
  input: unknown,
): void {
  const sent = JSON.stringify(input).toLowerCase()
  const traces = [id, email, key, agentId, sessionId, messageId, failedMessageId, keyId, marker, ...secrets]
  const seen = traces.filter((trace) => !sent.includes(trace.toLowerCase()) && outcome.text.includes(trace))
  expect(seen, outcome.text).toEqual([])
}

describe('another account that has the ids of its owner', () => {
  let others: Map<string, TestAccount>
  beforeAll(async () => {
    others = new Map()
    for (const { name } of allOperations) others.set(name, await server.createAccount())
  })

  test.each(transports)('gets nothing of it by $name', async ({ operation, transport }) => {
    const other = others.get(operation.name)!
    const input = attemptOf(operation, owner)
    const caller = operation.name === 'keys.validateBearer' ? { key: other.key } : { cookie: other.cookie }
    const outcome = await transport.call(server, input, caller)
    // The signature of a voucher is looked at before its session is.
    const refusal = operation.access === 'admin' ? 403 : operation.name === 'payments.submitVoucher' ? 400 : 404
    if (namesRows(input)) expect(outcome, outcome.text).toMatchObject({ status: refusal })
    expectNothingOf(owner, outcome, input)
    expect(await dumpRows(server, owner.id), 'rows of the owner').toBe(rows)
  })
})

describe('nobody, with the ids of an owner', () => {
  test.each(transports)('gets nothing of it by $name', async ({ operation, transport }) => {
    const input = attemptOf(operation, owner)
    const outcome = await transport.call(server, input, {})
    if (operation.access === 'account' || operation.access === 'session') expect(outcome, outcome.text).toMatchObject({ status: 401 })
    expectNothingOf(owner, outcome, input)
    expect(await dumpRows(server, owner.id), 'rows of the owner').toBe(rows)
  })
})

describe('another account with agents of its own', () => {
  test('sees only its own in lists, nested fields included', async () => {
    const other = await createOwner(server)
    const { text } = await answerOf(
      `{ me { id agents(first: 10) { edges { node { id name messages(first: 5) { totalCount edges { node { content } } } } } } }
         agents(first: 10) { edges { node { id name } } } messages(first: 10) { edges { node { content } } } memory { memory } apiKeys { edges { node { id name } } } }`,
      other,
    )
    expect(text).toContain(other.marker)
    expect(text).toContain(other.agentId)
    for (const trace of [owner.id, owner.agentId, owner.marker, owner.keyId]) expect(text).not.toContain(trace)
  })

  test('cannot reach the session or message of somebody else through an agent of its own', async () => {
    const other = await createOwner(server)
    for (const input of [
      { agentId: other.agentId, sessionId: owner.sessionId, message: 'help' },
      { agentId: other.agentId, sessionId: owner.sessionId },
    ]) {
      const name = 'message' in input ? 'chat.send' : 'conversations.get'
      for (const transport of await transportsOf(allOperations.find((operation) => operation.name === name)!)) {
        const outcome = await transport.call(server, input, other)
        expect(outcome).toMatchObject({ status: 404, code: 'SESSION_NOT_FOUND' })
        expectNothingOf(owner, outcome, input)
      }
    }
    expect(await dumpRows(server, owner.id), 'rows of the owner').toBe(rows)
  })
})

async function answerOf(query: string, { cookie }: TestAccount): Promise<{ text: string }> {
  const answer = await server.graphql(query, {}, { cookie })
  expect(answer.body.errors).toBeUndefined()
  return { text: JSON.stringify(answer.body) }
}
