import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import type { Query } from '../../../server/platform/operations/index.ts'
import { createOperator, OPERATOR } from '../../contract/contract-server.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { seedAccount, seedAgent } from '../../helpers/seed.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let foreignAgent: string
beforeAll(async () => {
  server = await startTestServer({ ADMIN_EMAILS: OPERATOR })
  // Also of what only operators may ask for.
  account = await createOperator(server)
  await seedAgent(server, account)
  ;({ agentId: foreignAgent } = await seedAccount(server))
})
afterAll(() => server.close())

const fieldsOf = ({ input }: Query): string[] => ('shape' in input ? Object.keys(input.shape as object) : [])

const filtered = Object.values(operations)
  .flatMap((table) => Object.values(table) as Query[])
  // The audit log is searched for who or what may be gone.
  .filter(({ name }) => !name.startsWith('audit.'))
  // Whose figures they are is not looked up: those of others are forbidden, whether they exist or not.
  .filter(({ kind, access, name }) => kind === 'query' && access !== 'public' && !name.startsWith('metrics.'))
  .flatMap((query) => fieldsOf(query).flatMap((field) => (field.endsWith('Id') ? [{ query, field }] : [])))

test.each(filtered.map(({ query, field }) => [query.name, field, query] as const))(
  '%s with a %s that is not of the account is 404',
  async (_name, field, query) => {
    const foreign =
      field === 'agentId' ? foreignAgent : field === 'sessionId' && query.name === 'payments.sessions' ? 'ses_foreign' : 'foreign_1'
    for (const id of field === 'agentId' ? [foreign, 'nobody-1'] : [foreign]) {
      const { status } = await callTrpc(server, query, { ...(query.example.input as object), [field]: id }, { cookie: account.cookie })
      expect(status).toBe(404)
    }
  },
)

test('nor is a page of what belongs to an agent of others there', async () => {
  for (const field of ['scheduledTasks', 'messages', 'files', 'conversations']) {
    const query = `{ ${field}(agentId: "${foreignAgent}") { totalCount edges { node { id } } } }`
    const { body } = await server.graphql(query, {}, { key: account.key })
    expect(body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toContain('AGENT_NOT_FOUND')
  }
})
