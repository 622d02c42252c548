import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { Agentbot, AuthenticationError, InvalidRequestError, NotFoundError, PermissionError, type Message } from '../../sdk/src/index.ts'
import { startTestServer, type TestAccount, type TestServer } from '../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
let agentbot: Agentbot

beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
  agentbot = new Agentbot({ apiKey: account.key, baseUrl: `${server.url}/` })
})
afterAll(() => server.close())

const sessionOf = ({ cookie }: TestAccount) => cookie.replace(/^agentbot-session=/, '')

describe('agents', () => {
  test('are created, read, changed, stopped, started and deleted', async () => {
    const created = await agentbot.agents.create({ name: 'Draft', config: { temperature: 0.2 } })
    const provisioned = await agentbot.agents.provision({ name: 'Atlas' })
    expect(provisioned).toMatchObject({ name: 'Atlas', status: 'running', model: 'local/commands' })
    expect((await agentbot.agents.list()).map(({ id }) => id)).toEqual([provisioned.id, created.id])

    expect(await agentbot.agents.config.update(provisioned.id, { temperature: 0.5, maxTokens: 100 })).toMatchObject({ temperature: 0.5 })
    expect(await agentbot.agents.config.update(provisioned.id, { maxTokens: null })).not.toHaveProperty('maxTokens')
    expect(await agentbot.agents.config.get(provisioned.id)).toMatchObject({ temperature: 0.5 })
    expect(await agentbot.agents.update(provisioned.id, { config: { description: 'Maps' } })).toMatchObject({ id: provisioned.id })
    expect(await agentbot.agents.stop(provisioned.id)).toMatchObject({ success: true, status: 'stopped' })
    expect((await agentbot.agents.get(provisioned.id)).status).toBe('stopped')
    expect(await agentbot.agents.start(provisioned.id)).toMatchObject({ success: true })
    expect(await agentbot.agents.restart(provisioned.id)).toMatchObject({ healedLegacyModel: false })
    expect(await agentbot.agents.resetMemory(provisioned.id)).toMatchObject({ success: true })
    expect(await agentbot.agents.stats(provisioned.id)).toMatchObject({ agentId: provisioned.id, messagesProcessed: 0 })

    expect(await agentbot.agents.delete(created.id)).toEqual({ id: created.id, deleted: true })
    await agentbot.agents.delete(provisioned.id)
    expect(await agentbot.agents.list()).toEqual([])
  })

  test('are created once when the same Idempotency-Key comes twice', async () => {
    const first = await agentbot.agents.provision({ name: 'Once' }, { idempotencyKey: 'once' })
    const second = await agentbot.agents.provision({ name: 'Once' }, { idempotencyKey: 'once' })
    expect(second).toEqual(first)
    await agentbot.agents.delete(first.id)
  })

  test('that do not exist, in whatever form, are not found', async () => {
    await expect(agentbot.agents.get('nobody')).rejects.toMatchObject({
      status: 404,
      code: 'AGENT_NOT_FOUND',
      requestId: expect.stringMatching(/^req_/),
    })
    await expect(agentbot.agents.get('../keys?x=/')).rejects.toBeInstanceOf(NotFoundError)
    await expect(agentbot.agents.get('')).rejects.toThrow('Expected an id')
    await expect(agentbot.agents.delete('..')).rejects.toThrow('Expected an id')
    await expect(agentbot.agents.create({ name: '' })).rejects.toBeInstanceOf(InvalidRequestError)
  })
})

describe('chat and memory', () => {
  test('answer, stream, remember and list', async () => {
    const { id: agentId } = await agentbot.agents.provision({ name: 'Memo' })
    const reply = await agentbot.chat.send({ agentId, message: 'Remember my tea is green', topic: 'tea' })
    expect(reply).toMatchObject({ reply: 'I will remember that tea is green.', agentId, topic: 'tea' })

    const types: string[] = []
    let text = ''
    for await (const event of agentbot.chat.stream({ agentId, message: 'What is my tea?', sessionId: reply.sessionId })) {
      types.push(event.type)
      if (event.type === 'delta') text += event.text
      if (event.type === 'done') expect(event).toMatchObject({ reply: 'tea is green.', sessionId: reply.sessionId })
    }
    expect([types[0], types.includes('tool'), types.at(-1), text]).toEqual(['start', true, 'done', 'tea is green.'])

    await agentbot.memory.set(agentId, 'cups', 2)
    await agentbot.memory.setMany(agentId, { sugar: null, 'odd key/?&': [1] })
    expect(await agentbot.memory.all(agentId)).toMatchObject({
      memory: { tea: 'green', cups: 2, sugar: null, 'odd key/?&': [1] },
      count: 4,
    })
    expect([await agentbot.memory.get(agentId, 'cups'), await agentbot.memory.get(agentId, 'toString')]).toEqual([2, undefined])
    await agentbot.memory.delete(agentId, 'odd key/?&')
    await expect(agentbot.memory.delete(agentId, 'odd key/?&')).rejects.toBeInstanceOf(NotFoundError)

    expect((await agentbot.chat.list({ agentId, topic: 'tea' })).map(({ content }) => content)).toContain('Remember my tea is green')
    await expect(agentbot.chat.retry(reply.id)).rejects.toMatchObject({ status: 409, code: 'MESSAGE_NOT_RETRYABLE' })
    await expect(agentbot.chat.streamRetry(reply.id).next()).rejects.toMatchObject({ code: 'MESSAGE_NOT_RETRYABLE' })
  })

  test('page through the messages of an agent', async () => {
    const { id: agentId } = await agentbot.agents.provision({ name: 'Talker' })
    for (const sum of ['1 + 1', '2 + 2', '3 + 3']) await agentbot.chat.send({ agentId, message: `Calculate ${sum}` })
    const messages: Message[] = []
    for await (const message of agentbot.agents.messages(agentId)) messages.push(message)
    expect(messages.map(({ content }) => content)).toEqual([
      '3 + 3 = 6',
      'Calculate 3 + 3',
      '2 + 2 = 4',
      'Calculate 2 + 2',
      '1 + 1 = 2',
      'Calculate 1 + 1',
    ])
    const page = await agentbot.agents.messagePage(agentId, { limit: 2, offset: 4 })
    expect(page).toMatchObject({ total: 6, limit: 2, offset: 4, messages: messages.slice(4) })
  })

  test('a refused stream throws before its first event', async () => {
    await expect(agentbot.chat.stream({ agentId: 'nobody', message: 'Hi' }).next()).rejects.toBeInstanceOf(NotFoundError)
  })
})

describe('keys', () => {
  test('can be checked with a key, but not managed', async () => {
    expect(await agentbot.keys.validate()).toMatchObject({ valid: true, userId: account.id })
    await expect(agentbot.keys.validate('sk_nonsense')).rejects.toBeInstanceOf(AuthenticationError)
    await expect(agentbot.keys.list()).rejects.toMatchObject({ code: 'SESSION_REQUIRED', message: expect.stringContaining('session') })
  })

  test('are managed with a session, and their scopes hold', async () => {
    const owner = new Agentbot({ session: sessionOf(account), baseUrl: server.url })
    const created = await owner.keys.create({ name: 'Reader', scopes: ['agents:read'] })
    expect(await owner.keys.get(created.id)).toMatchObject({ name: 'Reader', scopes: ['agents:read'] })
    expect((await owner.keys.list()).map(({ name }) => name)).toContain('Reader')

    const reader = new Agentbot({ apiKey: created.key, baseUrl: server.url })
    await reader.agents.list()
    await expect(reader.agents.create({ name: 'No' })).rejects.toBeInstanceOf(PermissionError)
    await owner.keys.delete(created.id)
    await expect(reader.agents.list()).rejects.toMatchObject({ code: 'INVALID_CREDENTIAL' })
    await expect(owner.keys.validate()).rejects.toBeInstanceOf(AuthenticationError)
    expect(await owner.keys.validate(account.key)).toMatchObject({ valid: true })
  })
})

describe('a client', () => {
  afterEach(() => void vi.unstubAllEnvs())

  /** Where a client calls, and as whom. */
  async function callOf(make: (fetch: typeof globalThis.fetch) => Agentbot) {
    const calls: Request[] = []
    const agentbot = make(async (...request) => (calls.push(new Request(...request)), Response.json([])))
    await agentbot.agents.list()
    const { url, headers } = calls[0]!
    return [url, headers.get('authorization')]
  }

  test('has the key and the address of the environment, else this machine', async () => {
    vi.stubEnv('AGENTBOT_API_KEY', 'sk_env')
    vi.stubEnv('AGENTBOT_URL', '')
    expect(await callOf((fetch) => new Agentbot({ fetch }))).toEqual(['http://localhost:3000/api/agents', 'Bearer sk_env'])
    vi.stubEnv('AGENTBOT_URL', 'https://agents.example.com/')
    const undefineds = { apiKey: undefined, baseUrl: undefined }
    expect(await callOf((fetch) => new Agentbot({ ...undefineds, fetch }))).toEqual([
      'https://agents.example.com/api/agents',
      'Bearer sk_env',
    ])
    const given = { apiKey: ' sk_given\n', baseUrl: 'http://127.0.0.1:4000' }
    expect(await callOf((fetch) => new Agentbot({ ...given, fetch }))).toEqual(['http://127.0.0.1:4000/api/agents', 'Bearer sk_given'])
  })

  test.each<[what: string, options: object, message: string]>([
    ['no key', {}, 'apiKey: expected an API key (sk_...), here or in AGENTBOT_API_KEY, got undefined.'],
    ['a key that is not set', { apiKey: undefined }, 'apiKey: expected an API key (sk_...), here or in AGENTBOT_API_KEY, got undefined.'],
    ['an empty key', { apiKey: '' }, 'got an empty text.'],
    ['a key that is none', { apiKey: 7 }, 'got number.'],
    ['a session that is not set', { session: undefined }, 'session: expected the value of a session cookie, got undefined.'],
    ['no address', { apiKey: 'sk_x', baseUrl: 'localhost:3000' }, 'baseUrl: expected an http or https address'],
  ])('is refused at once with %s', (_what, options, message) => {
    vi.stubEnv('AGENTBOT_API_KEY', '')
    expect(() => new Agentbot(options)).toThrow(TypeError)
    expect(() => new Agentbot(options)).toThrow(message)
  })

  test('that has an empty key, or no session, does not take the key of somebody else', () => {
    vi.stubEnv('AGENTBOT_API_KEY', 'sk_env')
    expect(() => new Agentbot({ apiKey: '' })).toThrow('apiKey')
    expect(() => new Agentbot({ session: undefined })).toThrow('session')
  })

  test('needs no environment', () => {
    const { process } = globalThis
    try {
      Object.assign(globalThis, { process: undefined })
      expect(() => new Agentbot({ apiKey: 'sk_x' })).not.toThrow()
      expect(() => new Agentbot()).toThrow('apiKey: expected an API key')
    } finally {
      Object.assign(globalThis, { process })
    }
  })
})
