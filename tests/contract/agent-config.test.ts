import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'
import { expectContract } from './contract.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

const create = async (config: Record<string, unknown>): Promise<string> =>
  (await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Night Clerk', config } })).body.agent.id

const read = async (id: string) => {
  const answer = await server.call('GET', `/api/agents/${id}/config`, account)
  expectContract('getAgentConfig', answer)
  return answer.body.config
}

const put = async (id: string, body: unknown) => {
  const answer = await server.call('PUT', `/api/agents/${id}/config`, { key: account.key, body })
  expectContract('updateAgentConfig', answer)
  return answer
}

/** What is stored, secrets still encrypted. */
const stored = async (id: string) =>
  (await server.platform.databases.system.selectFrom('agents').select('config').where('id', '=', id).executeTakeFirstOrThrow()).config

describe('keys of the configuration', () => {
  test('are merged one level deep, and come back from both ways of reading', async () => {
    const id = await create({ instructions: 'Be brief.', custom: { a: 1, b: 2 } })
    const answer = await put(id, { temperature: 0.3, custom: { c: 3 } })
    expect(answer.body.config).toMatchObject({ instructions: 'Be brief.', temperature: 0.3, custom: { c: 3 } })
    expect(answer.body.config.custom).not.toHaveProperty('a')
    expect(await read(id)).toEqual(answer.body.config)
  })

  test('that nobody knows are stored and given back unchanged', async () => {
    const odd = { snake_case: { deep: [{ null: null }, 1.5, 'ü', true] }, 'a key': '', empty: {} }
    const id = await create({})
    expect((await put(id, odd)).body.config).toMatchObject(odd)
    expect(await read(id)).toMatchObject(odd)
  })

  test('are removed by null', async () => {
    const id = await create({ instructions: 'Be brief.', temperature: 0.3 })
    const { config } = (await put(id, { temperature: null, never: null })).body
    expect(config).not.toHaveProperty('temperature')
    expect(config).not.toHaveProperty('never')
    expect(await read(id)).toMatchObject({ instructions: 'Be brief.' })
    expect(await read(id)).not.toHaveProperty('temperature')
  })

  test('include the model, which null sets back to the default', async () => {
    const id = await create({})
    await put(id, { model: null })
    expect((await read(id)).model).toBe('local/commands')
  })

  test('include the name, which is that of the agent', async () => {
    const id = await create({})
    await put(id, { name: 'Day Clerk' })
    expect((await server.call('GET', `/api/agents/${id}`, account)).body.agent.name).toBe('Day Clerk')
  })

  test('are used by the next answer of the agent', async () => {
    const id = await create({})
    const chat = async () =>
      (await server.call('POST', '/api/chat', { key: account.key, body: { message: 'remember tone = brief', agentId: id } })).body.reply
    await put(id, { memoryEnabled: false })
    await chat()
    expect((await server.call('GET', `/api/memory?agentId=${id}`, account)).body.memory).toEqual({})
    await put(id, { memoryEnabled: true })
    await chat()
    expect((await server.call('GET', `/api/memory?agentId=${id}`, account)).body.memory).toEqual({ tone: 'brief' })
  })

  test('that two callers change at the same moment are all kept', async () => {
    const id = await create({})
    await Promise.all([1, 2, 3, 4].map((number) => put(id, { [`key${number}`]: number })))
    expect(await read(id)).toMatchObject({ key1: 1, key2: 2, key3: 3, key4: 4 })
  })

  test('can be changed through the agent too', async () => {
    const id = await create({ instructions: 'Be brief.' })
    const answer = await server.call('PUT', `/api/agents/${id}`, { key: account.key, body: { config: { temperature: 0.3 } } })
    expectContract('updateAgent', answer)
    expect(await read(id)).toMatchObject({ instructions: 'Be brief.', temperature: 0.3 })
  })
})

describe('secrets in the configuration', () => {
  const channels = {
    telegram: { botToken: 'token-1', chats: ['a'] },
    discord: { app_secret: 'secret-2', servers: [{ password: 'pass-3', name: 'home' }] },
  }

  test('never come back and are encrypted where they are stored', async () => {
    const id = await create({ channels })
    const seen = [await read(id), (await server.call('GET', `/api/agents/${id}`, account)).body, (await put(id, {})).body, await stored(id)]
    for (const secret of ['token-1', 'secret-2', 'pass-3']) expect(JSON.stringify(seen)).not.toContain(secret)
    expect((await read(id)).channels).toEqual({ telegram: { chats: ['a'] }, discord: { servers: [{ name: 'home' }] } })
  })

  test('are kept when a client puts back what it got', async () => {
    const id = await create({ channels })
    const before = await stored(id)
    await put(id, await read(id))
    expect(await stored(id)).toEqual(before)
  })

  test('are kept when a client changes something next to them', async () => {
    const id = await create({ channels })
    const config = await read(id)
    config.channels.telegram.chats.push('b')
    config.channels.discord.servers.unshift({ name: 'another' })
    await put(id, config)
    const after = (await stored(id)) as { channels: typeof channels }
    expect(after.channels.telegram).toMatchObject({ botToken: { $sealed: expect.any(String) }, chats: ['a', 'b'] })
    expect(after.channels.discord).toMatchObject({ app_secret: { $sealed: expect.any(String) } })
    expect(after.channels.discord.servers).toEqual([{ name: 'another' }, { name: 'home', password: { $sealed: expect.any(String) } }])
  })

  test('are replaced by a new value, and removed together with what they belong to', async () => {
    const id = await create({ channels })
    await put(id, { channels: { telegram: { botToken: 'token-9' } } })
    const after = JSON.stringify(await stored(id))
    expect(after).toContain('$sealed')
    expect(after).not.toContain('token-9')
    await put(id, { channels: null })
    expect(JSON.stringify(await stored(id))).not.toContain('$sealed')
  })

  test('that are keys of their own stay until null removes them', async () => {
    const id = await create({ webhookSecret: 'secret-4' })
    await put(id, { temperature: 0.3 })
    expect(await stored(id)).toMatchObject({ webhookSecret: { $sealed: expect.any(String) } })
    await put(id, { webhookSecret: null })
    expect(await stored(id)).not.toHaveProperty('webhookSecret')
  })

  test('cannot be planted as an encrypted box', async () => {
    const id = await create({ channels: { telegram: { botToken: { $sealed: 'v1.planted' } } } })
    expect(JSON.stringify(await stored(id))).not.toContain('planted')
  })
})
