import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { billingInfoRest } from '../../server/api/billing/billing-info.rest.ts'
import { actOnAgent } from '../../server/api/default-agent/default-agent.rest.ts'
import { settleBooking } from '../../server/money/bookings/bookings.rest.ts'
import { executeInstantSplit } from '../../server/money/splits/splits.rest.ts'
import type { ActionBindings } from '../../server/platform/operations/rest.ts'
import { exampleIds } from '../../server/platform/operations/example-ids.ts'
import type { Answer, TestServer } from '../helpers/test-server.ts'
import { startContractServer } from './contract-server.ts'
import { badBodies, wrongValues } from './bad-values.ts'
import { built, type BuiltOperation } from './built.ts'
import { bodySchema, documented, expectContract, expectSchema, resolve } from './contract.ts'
import { withIdsOf } from './examples.ts'
import { createOwner, type Owner } from './fixtures.ts'
import { credentialFor, exampleRequest, requestFor, send } from './requests.ts'

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startContractServer()
  owner = await createOwner(server)
})
afterAll(() => server.close())

/** Good bodies of a path where the body says which operation it is for. */
const bodiesOf = ({ actions }: ActionBindings) =>
  Object.entries(actions).map(([action, { operation }]) => ({ action, ...(operation.example.input as object) }))

/** Good bodies of the operations whose body can have several shapes, in the order of the contract. */
const shapes: Partial<Record<BuiltOperation, Record<string, unknown>[]>> = {
  actOnAgent: bodiesOf(actOnAgent),
  // Refunds and approvals are additions of this server.
  settleBooking: bodiesOf(settleBooking).filter(({ action }) => action !== 'refund_deposits'),
  executeInstantSplit: bodiesOf(executeInstantSplit).filter(({ action }) => action !== 'approve_split' && action !== 'decline_split'),
  actOnBilling: ['create-checkout', 'enable-byok', 'disable-byok', 'get-usage', 'buy-credits'].map((action) => ({
    action,
    ...(billingInfoRest.act.actions[action]!.operation.example.input as object),
  })),
  storeMemory: [
    { agentId: exampleIds.agent, key: 'tone', memory: 'brief' },
    { agentId: exampleIds.agent, memory: { tone: 'brief' } },
  ],
}

/** Left out, these make the body another, good shape, or one that lacks another field. */
const choosing = new Set(['actOnAgent action missing', 'storeMemory key missing'])
/** Here null is a value: it removes the key. */
const nullRemoves = (operationId: BuiltOperation, what: string) => operationId === 'updateAgentConfig' && /^\w+ null$/.test(what)

/** Requests to models are held to the documented kinds of values; what they may be is up to the provider, and null is unset. */
const forProviders = new Set<BuiltOperation>(['createChatCompletion', 'createEmbeddings'])
const isProvidersToJudge = (operationId: BuiltOperation, what: string) =>
  forProviders.has(operationId) && /^(?!input |messages )\w+ (null|too small|too large)$/.test(what)

/** What is in these was signed by whoever sends them; anything else is refused for its signature. */
const signed = new Set<BuiltOperation>(['receiveStripeEvent', 'receiveWalletTopUp'])

const withBody = built.filter((operationId) => bodySchema(operationId) && !signed.has(operationId))
const cases = withBody.flatMap((operationId) => {
  const schema = bodySchema(operationId)!
  const variants = schema.oneOf ?? [schema]
  const goods = shapes[operationId] ?? [exampleRequest(operationId).body as Record<string, unknown>]
  return variants.flatMap((variant, index) =>
    badBodies(variant, goods[index]!)
      .filter(
        ({ what }) => !choosing.has(`${operationId} ${what}`) && !nullRemoves(operationId, what) && !isProvidersToJudge(operationId, what),
      )
      .map((bad) => ({ operationId, ...bad, what: variants.length > 1 ? `[${index}] ${bad.what}` : bad.what })),
  )
})

/** Asserts a 400 that says which field was wrong, for people and for programs. */
function expectNames(answer: Answer, field: string): void {
  const body = plainError(answer)
  expect({ status: answer.status, body }).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } })
  const named = (body.fields as { field: string }[]).map((problem) => problem.field)
  expect(
    named.some((name) => name === field || name.startsWith(`${field}.`)),
    `${JSON.stringify(answer.body)} names ${field}`,
  ).toBe(true)
  expect(body.error).toContain(`${field}`)
}

/** The gateway documents 400 only for a plugin that has no price, with a word for that and none for input. */
const hasWordForInput = (operationId: BuiltOperation) => operationId !== 'routeGatewayRequest'

/** Where the contract documents no 400 the body is still the one error body. */
function expectRefusal(operationId: BuiltOperation, answer: Answer): void {
  if (documented(operationId).responses[400] && hasWordForInput(operationId)) expectContract(operationId, answer)
  else expectSchema('Error', answer.body)
}

/** The usual error body, also where the contract asks for that of the OpenAI API, or for a word in place of the sentence. */
function plainError({ body }: Answer) {
  if (typeof body.error === 'object') return { ...body.error, error: body.error.message }
  return body.error === 'invalid_input' ? { ...body, error: body.message } : body
}

describe('a body that breaks one rule gets 400 with the name of the field', () => {
  test.each(cases)('$operationId: $what', async ({ operationId, field, body }) => {
    const parts = { params: requestFor(operationId, owner).params, body: withIdsOf(owner, body) }
    const answer = await send(server, operationId, parts, credentialFor(operationId, owner))
    expectNames(answer, field)
    expectRefusal(operationId, answer)
  })
})

describe('a body that is no JSON object gets 400', () => {
  const bodies = [
    ['malformed JSON', '{"name": '],
    ['a list', '[]'],
    ['a text', '"hello"'],
    ['null', 'null'],
  ] as const

  test.each(withBody.flatMap((operationId) => bodies.map(([what, body]) => ({ operationId, what, body }))))(
    '$operationId: $what',
    async ({ operationId, body }) => {
      const parts = { params: requestFor(operationId, owner).params, body }
      const answer = await send(server, operationId, parts, credentialFor(operationId, owner))
      expect(answer.status).toBe(400)
      expect(plainError(answer).error).toContain('body')
      expectRefusal(operationId, answer)
    },
  )
})

describe('a query value that is not allowed gets 400 with its name', () => {
  const queries = built.flatMap((operationId) => {
    const { parameters = [], responses } = documented(operationId)
    if (!responses[400]) return []
    return parameters.map(resolve).flatMap((parameter) => {
      if (parameter.in !== 'query') return []
      const { schema, name } = parameter
      const values = wrongValues(schema).flatMap(([what, value]) => (typeof value === 'string' && value !== '7' ? [[what, value]] : []))
      const numbers = schema.type === 'integer' ? ['abc', '', '1.5', '1e1', ' 5', String(schema.minimum! - 1), '99999999999999999999'] : []
      return [...values, ...numbers.map((value) => [`"${value}"`, value])].map(([what, value]) => ({
        operationId,
        name,
        what,
        value: value!,
      }))
    })
  })

  test.each(queries)('$operationId: $name $what', async ({ operationId, name, value }) => {
    const { query, ...parts } = requestFor(operationId, owner)
    const answer = await send(server, operationId, { ...parts, query: { ...query, [name]: value } }, credentialFor(operationId, owner))
    expectNames(answer, name)
    expectContract(operationId, answer)
  })
})
