import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startContractServer } from '../../contract/contract-server.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { attemptOf, expectNothingOf, testForeignIds } from '../../contract/foreign-ids.ts'
import { dumpRows } from '../../contract/owner-rows.ts'
import { allOperations, everyTransport, transportsOf } from '../../contract/transports.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'

const transports = await everyTransport()
let server: TestServer
let owner: Owner
let rows: string
beforeAll(async () => {
  server = await startContractServer()
  owner = await createOwner(server)
  rows = await dumpRows(server, owner.id)
})
afterAll(() => server.close())

describe('with the ids of its owner', () => {
  testForeignIds()
})

describe('nobody, with the ids of an owner', () => {
  test.each(transports)('gets nothing of it by $name', async ({ operation, transport }) => {
    const input = attemptOf(operation, owner)
    const outcome = await transport.call(server, input, {})
    const isRefused = (operation.access === 'account' || operation.access === 'session') && !transport.isLink
    if (isRefused) expect(outcome, outcome.text).toMatchObject({ status: 401 })
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
