import { afterAll, beforeAll, expect, test } from 'vitest'
import { settleBooking } from '../../server/money/bookings/bookings.rest.ts'
import { executeInstantSplit } from '../../server/money/splits/splits.rest.ts'
import { startTestServer, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'
import { withIdsOf } from './examples.ts'
import { createOwner, type Owner } from './fixtures.ts'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await createOwner(server)
})
afterAll(() => server.close())

const paths = [
  { id: 'settleBooking', path: '/api/skills/booking-settlement', actions: settleBooking.actions },
  { id: 'executeInstantSplit', path: '/api/skills/instant-split', actions: executeInstantSplit.actions },
] as const
/** What this server has besides, and its own tests try. */
const additions = ['refund_deposits', 'approve_split', 'decline_split']
const documented = paths.flatMap(({ id, path, actions }) =>
  Object.entries(actions)
    .filter(([action]) => !additions.includes(action))
    .map(([action, { operation }]) => ({ id, path, action, input: operation.example.input as object })),
)

test.each(documented)('$id $action answers as documented', async ({ id, path, action, input }) => {
  const answer = await server.call('POST', path, { key: owner.key, body: { action, ...withIdsOf(owner, input) } })
  expect(answer.status).toBe(200)
  expectContract(id, answer)
})

test.each(paths)('$id refuses an action there is not', async ({ id, path }) => {
  const answer = await server.call('POST', path, { key: owner.key, body: { action: 'pay_me' } })
  expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'action' }] } })
  expectContract(id, answer)
})
