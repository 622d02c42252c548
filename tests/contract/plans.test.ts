import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LONG_AGO, setAccount } from '../helpers/set-account.ts'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'
import { withEnv } from './with-env.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer({ SELF_HOSTED_PLAN: 'solo', OPENAI_API_KEY: 'x', DEFAULT_MODEL: 'local/commands' })
  account = await server.createAccount()
})
afterAll(() => server.close())

const provision = (key: string, body: Record<string, unknown>) => server.call('POST', '/api/agents/provision', { key, body })

describe('a plan with room for one agent', () => {
  test('refuses the second with the count and the limit', async () => {
    const { key } = await server.createAccount()
    expect((await provision(key, { name: 'Night Clerk' })).status).toBe(201)
    const limit = { status: 429, body: { code: 'AGENT_LIMIT_REACHED', current: 1, limit: 1 } }
    const provisioned = await provision(key, { name: 'Day Clerk' })
    expect(provisioned).toMatchObject(limit)
    expectContract('provisionAgent', provisioned)
    const created = await server.call('POST', '/api/agents', { key, body: { name: 'Day Clerk' } })
    expect(created).toMatchObject(limit)
    expectContract('createAgent', created)
  })

  test('gives its one place to one of several calls at the same moment', async () => {
    const { key } = await server.createAccount()
    const answers = await Promise.all(['A', 'B', 'C'].map((name) => provision(key, { name })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 429, 429])
    expect((await server.call('GET', '/api/agents', { key })).body.count).toBe(1)
  })

  test('has room again once an agent is deleted', async () => {
    const { key } = await server.createAccount()
    const { agent } = (await provision(key, { name: 'Night Clerk' })).body
    await server.call('DELETE', `/api/agents/${agent.id}`, { key })
    expect((await provision(key, { name: 'Day Clerk' })).status).toBe(201)
  })
})

describe('a model outside the plan', () => {
  const restricted = { status: 403, body: { code: 'MODEL_RESTRICTED', allowedModels: expect.arrayContaining(['openai/gpt-4o-mini']) } }

  test('cannot be given to a new agent', async () => {
    expect(await provision(account.key, { name: 'Night Clerk', model: 'openai/gpt-4o' })).toMatchObject(restricted)
    const body = { name: 'Night Clerk', config: { model: 'openai/gpt-4o' } }
    expect(await server.call('POST', '/api/agents', { key: account.key, body })).toMatchObject(restricted)
    expect((await server.call('GET', '/api/agents', account)).body.count).toBe(0)
  })

  test('cannot be given to an agent there is, nor be its fallback', async () => {
    const { key } = await server.createAccount()
    const { agent } = (await provision(key, { name: 'Night Clerk', model: 'openai/gpt-4o-mini' })).body
    for (const body of [{ model: 'openai/gpt-4o' }, { fallbacks: ['local/commands', 'openai/gpt-4o'] }]) {
      const answer = await server.call('PUT', `/api/agents/${agent.id}/config`, { key, body })
      expect(answer).toMatchObject(restricted)
      expectContract('updateAgentConfig', answer)
    }
    expect((await server.call('GET', `/api/agents/${agent.id}`, { key })).body.agent.model).toBe('openai/gpt-4o-mini')
  })
})

test('an agent cannot be on a plan above the one that is paid', async () => {
  const { key } = await server.createAccount()
  const body = { name: 'Night Clerk', config: { plan: 'network' } }
  const created = await server.call('POST', '/api/agents', { key, body })
  expect(created).toMatchObject({ status: 402, body: { code: 'SUBSCRIPTION_MISMATCH' } })
  expectContract('createAgent', created)
  const { agent } = (await provision(key, { name: 'Night Clerk' })).body
  const updated = await server.call('PUT', `/api/agents/${agent.id}`, { key, body: { plan: 'network' } })
  expect(updated).toMatchObject({ status: 402, body: { code: 'SUBSCRIPTION_MISMATCH' } })
  expectContract('updateAgent', updated)
})

test('a model no configured provider has is refused by name', async () => {
  const answer = await server.call('POST', '/api/agents', {
    key: account.key,
    body: { name: 'Night Clerk', config: { model: 'nowhere/nothing' } },
  })
  expect(answer).toMatchObject({ status: 400, body: { code: 'MODEL_NOT_AVAILABLE', model: 'nowhere/nothing' } })
  expectContract('createAgent', answer)
})

test('an account whose trial is over is asked to pay for agents and for talking to them', async () => {
  const { key, id } = await server.createAccount()
  const { agent } = (await provision(key, { name: 'Night Clerk' })).body
  await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
    const chat = () => server.call('POST', '/api/chat', { key, body: { message: 'Are you there?', agentId: agent.id } })
    expect((await chat()).status).toBe(200)
    await setAccount(server, id, { trialEndsAt: LONG_AGO })
    const payment = { status: 402, body: { code: 'PAYMENT_REQUIRED' } }
    const answers = [
      ['provisionAgent', await provision(key, { name: 'Day Clerk' })],
      ['createAgent', await server.call('POST', '/api/agents', { key, body: { name: 'Day Clerk' } })],
      ['sendChatMessage', await chat()],
    ] as const
    for (const [operationId, answer] of answers) {
      expect(answer).toMatchObject(payment)
      expectContract(operationId, answer)
    }
    expect((await server.call('GET', `/api/agents/${agent.id}`, { key })).status).toBe(200)
    await setAccount(server, id, { plan: 'collective', subscriptionStatus: 'active' })
    expect((await provision(key, { name: 'Day Clerk' })).status).toBe(201)
  })
})

test('an admin whose address is verified is asked neither to pay nor to stop at a number of agents', async () => {
  const { key, id, email } = await server.createAccount()
  await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x', ADMIN_EMAILS: email.toUpperCase() }, async () => {
    await setAccount(server, id, { trialEndsAt: LONG_AGO })
    expect((await provision(key, { name: 'A' })).status).toBe(402)
    await setAccount(server, id, { emailVerifiedAt: new Date().toISOString() })
    for (const name of ['A', 'B']) expect((await provision(key, { name })).status).toBe(201)
  })
})
