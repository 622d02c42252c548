import { isObjectType } from 'graphql'
import { readdirSync, readFileSync } from 'node:fs'
import type { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appRouter } from '../../../app/trpc/router.ts'
import { exposed } from '../../../schema/expose.ts'
import { schema } from '../../../schema/index.ts'
import { keyScopes } from '../../../server/platform/core/scopes.contract.ts'
import { operations } from '../../../server/operations.ts'
import type { Query } from '../../../server/platform/operations/operation.ts'
import { exampleIds } from '../../../server/platform/operations/example-ids.ts'
import { allOperations, transportsOf, everyTransport, type Outcome } from '../../contract/transports.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { allRestCalls } from '../../contract/rest-transport.ts'
import { inputFor } from '../../contract/examples.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const transports = await everyTransport()
const restCalls = await allRestCalls()

describe('every operation', () => {
  test('is called by the name it has in the table', () => {
    const names = Object.entries(operations).flatMap(([domain, table]) => Object.keys(table).map((verb) => `${domain}.${verb}`))
    expect(allOperations.map(({ name }) => name)).toEqual(names)
  })

  test('has a tRPC procedure of its kind, and there is no other', () => {
    // oxlint-disable-next-line no-underscore-dangle -- what tRPC calls it
    const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>)
    const expected = allOperations.map(({ name, kind }) => [name, kind === 'stream' ? 'subscription' : kind])
    expect(procedures.map(([name, { _def }]) => [name, _def.type])).toEqual(expected)
  })

  test.each(allOperations)('has a GraphQL field: $name', ({ name, kind }) => {
    const [root, field] = exposed.get(name)?.split('.') ?? []
    const type = schema.getType(root!)
    expect(isObjectType(type) && type.getFields()[field!], name).toBeTruthy()
    if (root !== 'Agent') expect(root).toBe({ query: 'Query', mutation: 'Mutation', stream: 'Subscription' }[kind])
  })

  test.each(allOperations.filter(({ name }) => !ofAnotherShape.has(name)))(
    'has the same arguments in GraphQL as in its input: $name',
    ({ name, input, ...operation }) => {
      const { pages } = operation as Partial<Query>
      const [root, field] = exposed.get(name)!.split('.') as [string, string]
      const type = schema.getType(root)!
      const args = isObjectType(type) ? type.getFields()[field]!.args : []
      const expected = pages ? [...fieldsOf(pages.input), 'first', 'after'] : fieldsOf(input)
      expect(args.map((arg) => arg.name).toSorted()).toEqual(expected.toSorted())
    },
  )
})

/** A list that is a field of each agent in GraphQL. */
const ofAnotherShape = new Set(['conversations.messagesOfAgents'])

const fieldsOf = (input: z.ZodType): string[] => ('shape' in input ? Object.keys(input.shape as object) : [])

describe('every REST path', () => {
  const known = new Map(allOperations.map((operation) => [operation.name, operation]))

  test.each(restCalls.map((call) => ({ ...call, title: `${call.method} ${call.path} ${call.action ?? ''}` })))(
    'runs an operation of the table: $title',
    ({ binding }) => {
      // The very same: a copy could say another access, scope or bucket than the table does.
      expect(known.get(binding.operation.name)).toBe(binding.operation)
      if (binding.stream) expect(known.get(binding.stream.name)).toBe(binding.stream)
    },
  )

  const routes = new URL('../../../app/routes/api+/', import.meta.url)
  test.each(readdirSync(routes))('is served by a file that binds and does nothing else: %s', (file) => {
    const text = readFileSync(new URL(file, routes), 'utf8')
    expect(text).toMatch(
      /^(import \{[^}]+\} from '[^']+'\n)+\nexport const loader = (rest\(\{[\w\s:.,]+\}\)|unknownPath|redirect(To|From)Provider)\nexport const action = loader\n$/,
    )
  })
})

describe('the same failure is the same through every transport:', () => {
  let server: TestServer
  let owner: Owner
  beforeAll(async () => {
    server = await startTestServer()
    owner = await createOwner(server)
  })
  afterAll(() => server.close())

  const failureOf = ({ status, code, message, details }: Outcome) => ({ status, code, message, details })

  const refuses = (operation: { access: string }) => operation.access === 'account' || operation.access === 'session'
  // Whoever follows a link is sent on, and told there.
  test.each(transports.filter(({ operation, transport }) => refuses(operation) && !transport.isLink))(
    'nobody called $name',
    async ({ operation, transport }) => {
      const input = inputFor(operation, owner)
      expect(await transport.call(server, input, {})).toMatchObject({
        status: 401,
        code: 'UNAUTHENTICATED',
        message: 'Sign in or send an API key.',
      })
      expect(await transport.call(server, input, { key: 'sk_bad' })).toMatchObject({ status: 401, code: 'INVALID_CREDENTIAL' })
      if (operation.access === 'session')
        expect(await transport.call(server, input, { key: owner.key })).toMatchObject({ status: 401, code: 'SESSION_REQUIRED' })
    },
  )

  test.each(transports.filter(({ operation: { scope, access } }) => scope && (access === 'account' || access === 'optional')))(
    'a key without the scope called $name',
    async ({ operation, transport }) => {
      const outcome = await transport.call(server, inputFor(operation, owner), { key: await keyWithout(operation.scope!) })
      expect(outcome).toMatchObject({ status: 403, code: 'SCOPE_REQUIRED', details: { scope: operation.scope } })
    },
  )

  let last: { scope: string; id: string; key: string } | undefined
  /** A key of the owner with every scope but one. An account has ten keys at most, so there is one of these at a time. */
  async function keyWithout(scope: string): Promise<string> {
    if (last?.scope === scope) return last.key
    if (last) await server.call('DELETE', `/api/keys/${last.id}`, { cookie: owner.cookie })
    const body = { name: `all but ${scope}`, scopes: keyScopes.filter((other) => other !== scope) }
    const { id, key } = (await server.call('POST', '/api/keys', { cookie: owner.cookie, body })).body
    last = { scope, id, key }
    return key
  }

  const kinds = ['agent', 'apiKey', 'unansweredMessage'] as const
  const missing = allOperations.filter(({ example }) =>
    kinds.some((kind) => Object.values(example.input as object).includes(exampleIds[kind])),
  )
  test.each(missing)('what $name is about does not exist', async (operation) => {
    const input = inputFor(operation, { ...owner, agentId: 'none', keyId: 'none', failedMessageId: 'none' })
    const failures = []
    for (const transport of await transportsOf(operation))
      failures.push(failureOf(await transport.call(server, input, { cookie: owner.cookie })))
    expect(failures[0]).toMatchObject({ status: 404, code: expect.stringMatching(/_NOT_FOUND$/) })
    for (const failure of failures) expect(failure).toEqual(failures[0])
  })

  const invalid: [string, string, Record<string, unknown>][] = [
    ['accounts.register', 'email', { email: 'no address', password: 'old-harbour-light' }],
    ['accounts.signIn', 'password', { email: 'ines@example.org', password: '' }],
    ['accounts.updateProfile', 'name', { name: ' ' }],
    ['accounts.changePassword', 'newPassword', { currentPassword: 'old-harbour-light', newPassword: 'short' }],
    ['agents.create', 'name', { name: 'x'.repeat(65) }],
    ['agents.provision', 'config.temperature', { name: 'Night Clerk', config: { temperature: 9 } }],
    ['agents.setCredential', 'key', { key: '', value: 'x' }],
    ['chat.send', 'message', { message: 'x'.repeat(32_001) }],
    ['chat.stream', 'message', { message: '' }],
    ['chat.list', 'topic', { topic: 'x'.repeat(101) }],
    ['chat.retry', 'messageId', { messageId: '' }],
    ['keys.create', 'name', { name: '' }],
    ['keys.validate', 'apiKey', { apiKey: '' }],
  ]
  test.each(invalid)('the input of %s has a bad %s', async (name, field, input) => {
    const failures = []
    for (const transport of await transportsOf(allOperations.find((operation) => operation.name === name)!)) {
      failures.push(failureOf(await transport.call(server, input, { cookie: owner.cookie })))
    }
    expect(failures[0]).toMatchObject({ status: 400, code: 'INVALID_INPUT', details: { fields: [{ field }] } })
    for (const failure of failures) expect(failure).toEqual(failures[0])
  })
})
