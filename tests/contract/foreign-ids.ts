import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Operation } from '../../server/platform/operations/operation.ts'
import type { ServerParts, TestAccount, TestServer } from '../helpers/test-server.ts'
import { startContractServer } from './contract-server.ts'
import { inputFor } from './examples.ts'
import { createOwner, type Owner } from './fixtures.ts'
import { dumpRows } from './owner-rows.ts'
import { allOperations, everyTransport, type Outcome } from './transports.ts'

const askAgent = ({ agentId }: Owner) => ({ model: `agent:${agentId}`, messages: [{ role: 'user', content: 'help' }] })

/** What somebody else would try where the example names no rows, or proves to be the owner. */
const attempts: Record<string, (owner: Owner) => Record<string, unknown>> = {
  // A plan is looked at before the agent is.
  'agents.update': ({ agentId }) => ({ agentId, config: { instructions: 'Taken' } }),
  'accounts.register': ({ email, password }) => ({ email: email.toUpperCase(), password }),
  'accounts.signIn': ({ email }) => ({ email, password: 'a guess at the password' }),
  'accounts.updateProfile': ({ email, password }) => ({ email, currentPassword: password }),
  'accounts.changePassword': ({ email }) => ({ currentPassword: email, newPassword: 'another password' }),
  'payments.submitVoucher': ({ voucher }) => ({ ...voucher, nonce: 'another' }),
  'keys.validate': ({ key }) => ({ apiKey: key.slice(0, 10) }),
  // The token of an invitation is all it takes to look at it.
  'invitations.look': ({ invitationToken }) => ({ token: `${invitationToken}x` }),
  'identities.unlink': () => ({ issuer: 'eip155', subject: '0x0000000000000000000000000000000000000001' }),
  'openai.complete': askAgent,
  'openai.stream': askAgent,
}

/** What somebody else calls an operation with to reach what an owner has. */
export const attemptOf = (operation: Operation, from: Owner): Record<string, unknown> =>
  attempts[operation.name]?.(from) ?? inputFor(operation, from)

/** Whether an input names rows of its owner. */
export function namesRows(input: Record<string, unknown>): boolean {
  const { agentId, keyId, sessionId, messageId, fileId, taskId, scheduleId, passkeyId, budgetId, ownerId } = input
  return [agentId, keyId, sessionId, messageId, fileId, taskId, scheduleId, passkeyId, budgetId, ownerId].some((id) => id !== undefined)
}

/** Nothing by which the owner's data would be recognised is in the answer, except what the caller itself sent. */
export function expectNothingOf(
  { id, email, key, agentId, sessionId, messageId, failedMessageId, keyId, marker, secrets }: Owner,
  outcome: Outcome,
  input: unknown,
): void {
  const sent = JSON.stringify(input).toLowerCase()
  const traces = [id, email, key, agentId, sessionId, messageId, failedMessageId, keyId, marker, ...secrets]
  const seen = traces.filter((trace) => !sent.includes(trace.toLowerCase()) && outcome.text.includes(trace))
  expect(seen, outcome.text).toEqual([])
}

const transports = await everyTransport()

/** Tests that another account gets nothing of an owner by any operation over any transport, though it has all the ids. */
export function testForeignIds(parts: ServerParts = {}): void {
  let server: TestServer
  let owner: Owner
  let rows: string
  let others: Map<string, TestAccount>
  beforeAll(async () => {
    server = await startContractServer({}, parts)
    owner = await createOwner(server)
    // Whoever uses the key later would change when it was last used.
    await server.call('GET', '/api/settings', { key: owner.key })
    rows = await dumpRows(server, owner.id)
    // What one does to its account is no matter of the next; who only looks does nothing to theirs.
    const reader = await server.createAccount()
    others = new Map()
    for (const { name, kind } of allOperations) others.set(name, kind === 'query' ? reader : await server.createAccount())
  })
  afterAll(() => server.close())

  test.each(transports)('another account gets nothing by $name', async ({ operation, transport }) => {
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
}
