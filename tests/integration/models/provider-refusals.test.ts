import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a provider says when it refuses a call reaches the caller: its status, when to come back, its words, and no key.

const KEY = 'sk-of-the-operator-123456'

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: provider.url })
  account = await server.createAccount()
  const { body } = await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', model: 'openai/any' } })
  agentId = body.agent.id
})
beforeEach(() => void (provider.requests.length = 0))
afterAll(async () => {
  await server.close()
  await provider.close()
})

const whole = (body: object, status = 200, headers: Record<string, string> = {}) =>
  provider.script({ kind: 'raw', status, headers: { 'content-type': 'application/json', ...headers }, packets: [JSON.stringify(body)] })
const ask = (body: object = {}) =>
  server.call('POST', '/v1/chat/completions', {
    key: account.key,
    body: { model: 'openai/any', messages: [{ role: 'user', content: 'Name a knot' }], ...body },
  })

describe('a refusal', () => {
  test.each([429, 503])('with %s keeps its status, and when to come back, after every fallback', async (status) => {
    const refuse = () => whole({ error: { message: 'Come back later', type: 'requests', code: 'busy' } }, status, { 'retry-after': '7' })
    refuse()
    refuse()
    const answered = await ask({ models: ['openai/other'] })
    expect(answered).toMatchObject({
      status,
      body: { error: { type: 'requests', code: 'busy', message: expect.stringContaining('Come back later') } },
    })
    expect(answered.headers.get('retry-after')).toBe('7')
    expect(provider.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  test('of a conversation that is too long keeps its code and the field it names', async () => {
    const error = {
      message: "This model's maximum context length is 8 tokens.",
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    }
    whole({ error }, 400)
    expect(await ask()).toMatchObject({
      status: 400,
      body: {
        error: {
          code: error.code,
          type: error.type,
          param: error.param,
          message: expect.stringContaining('maximum context length is 8 tokens'),
        },
      },
    })
  })

  test('in the words of vLLM, on top of the body, is told in them', async () => {
    whole({ object: 'error', message: 'max_tokens must be at least 1, got -1.', type: 'BadRequestError', param: null, code: 400 }, 400)
    expect(await ask({ max_tokens: -1 })).toMatchObject({
      status: 400,
      body: { error: { type: 'BadRequestError', message: expect.stringContaining('max_tokens must be at least 1, got -1') } },
    })
  })

  test('of an agent’s model keeps its status for those who call the agent as a model, also where they asked for a stream', async () => {
    for (const stream of [false, true]) {
      whole({ error: { message: 'Come back later', code: 'busy' } }, 429, { 'retry-after': '7' })
      const answered = await ask({ model: `agent:${agentId}`, stream })
      expect(answered).toMatchObject({ status: 429, body: { error: { code: 'busy' } } })
      expect(answered.headers.get('retry-after')).toBe('7')
    }
  })

  test.each([
    [
      'a list of FastAPI',
      { detail: [{ loc: ['body', 'n'], msg: 'n is too big', type: 'value_error' }, { msg: 'so is top_p' }] },
      'n is too big; so is top_p',
    ],
    ['a list of errors', { success: false, errors: [{ code: 7003, message: 'No route for the URI' }] }, 'No route for the URI'],
  ])('in %s is told in its words', async (_what, body, words) => {
    whole(body, 422)
    expect(await ask()).toMatchObject({ status: 422, body: { error: { message: expect.stringContaining(words) } } })
  })

  test('of a model it does not have keeps its code and its status', async () => {
    whole({ error: { message: 'The model `any` does not exist', type: 'invalid_request_error', code: 'model_not_found' } }, 404)
    expect(await ask()).toMatchObject({
      status: 404,
      body: { error: { code: 'model_not_found', type: 'invalid_request_error', upstreamStatus: 404 } },
    })
    whole({ error: { message: 'No such model' } }, 404)
    expect(await ask()).toMatchObject({ status: 404, body: { error: { code: 'MODEL_NOT_FOUND' } } })
  })

  test('of 413 or 422 keeps its status', async () => {
    for (const status of [413, 422]) {
      whole({ error: { message: 'no' } }, status)
      expect(await ask()).toMatchObject({ status, body: { error: { code: 'MODEL_REFUSED_REQUEST', type: 'invalid_request_error' } } })
    }
  })

  test('of an agent’s model shows the provider’s words', async () => {
    whole({ error: { message: 'Your account is suspended until Monday' } }, 403)
    const { status, body } = await server.call('POST', '/api/chat', { key: account.key, body: { agentId, message: 'Hello' } })
    expect(status).toBe(502)
    expect(body.error).toContain('Your account is suspended until Monday')
  })

  const echo = (key: string, status: number) =>
    whole({ error: { message: `API key not valid: ${key}. Ask for a token limit.`, code: key } }, status)

  test.each([400, 401, 403, 404, 429, 500, 503])('with %s never repeats a key, and leaves words alone', async (status) => {
    echo(KEY, status)
    const { body, headers } = await ask()
    expect(JSON.stringify(body) + JSON.stringify([...headers])).not.toContain(KEY)
    expect(body.error.message).toContain('API key not valid: [removed]. Ask for a token limit')
  })

  test.each(['k3y-0f-0ne-s3lf', 'k3y9', 'k'.repeat(5) + '7'.repeat(300)])('never repeats a key of one’s own: %s', async (key) => {
    await server.trpc({ cookie: account.cookie }).ai.setProviderKey.mutate({ provider: 'openai', apiKey: key })
    echo(key, 400)
    const { body } = await ask()
    expect(JSON.stringify(body)).not.toContain(key)
    expect(body.error.message).toContain('API key not valid: [removed]. Ask for a token limit')
    await server.trpc({ cookie: account.cookie }).ai.removeProviderKey.mutate({ provider: 'openai' })
  })
})
