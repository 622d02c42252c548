import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeAnthropic, type FakeAnthropic } from '../../fakes/anthropic.ts'
import { startTolerantProvider, type TolerantProvider } from '../../fakes/tolerant-provider.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a model takes its provider knows: a request goes on as it came.

let provider: TolerantProvider
let anthropic: FakeAnthropic
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startTolerantProvider()
  anthropic = await startFakeAnthropic({ apiKey: 'an-key' })
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    ANTHROPIC_API_KEY: 'an-key',
    ANTHROPIC_BASE_URL: anthropic.url,
  })
  account = await server.createAccount()
})
beforeEach(() => void (provider.bodies.length = 0))
afterAll(async () => {
  await server.close()
  await Promise.all([provider.close(), anthropic.close()])
})

const user = { role: 'user', content: 'Name a knot' }
const complete = (body: object) =>
  server.call('POST', '/v1/chat/completions', { key: account.key, body: { model: 'compatible/any', messages: [user], ...body } })

const call = { id: 'call_1', type: 'function', function: { name: 'tie', arguments: '{}' } }
const result = { role: 'tool', tool_call_id: 'call_1', content: 'tied' }

const requests: [what: string, body: Record<string, unknown>][] = [
  ['a custom tool', { tools: [{ type: 'custom', custom: { name: 'patch', format: { type: 'text' } } }] }],
  ['a built-in tool', { tools: [{ type: 'web_search', user_location: null }] }],
  ['a dotted tool name', { tools: [{ type: 'function', function: { name: 'knots.tie', parameters: { type: 'object' } } }] }],
  ['a long tool name', { tools: [{ type: 'function', function: { name: 'x'.repeat(100) } }] }],
  ['no tools at all', { tools: [] }],
  ['allowed tools', { tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function' }] } } }],
  ['a custom tool to use', { tool_choice: { type: 'custom', custom: { name: 'patch' } } }],
  ['a word for tools of a provider', { tool_choice: 'any' }],
  ['another response format', { response_format: { type: 'grammar', grammar: 'root ::= "a"' } }],
  ['an empty call id', { messages: [user, { role: 'assistant', tool_calls: [{ ...call, id: '' }] }, { ...result, tool_call_id: '' }] }],
  ['a result without an id', { messages: [user, { role: 'assistant', tool_calls: [call] }, { role: 'tool', content: 'tied' }] }],
  ['a call without arguments', { messages: [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'tie' } }] }, result] }],
  [
    'a custom call',
    {
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'patch', input: 'x' } }] },
        result,
      ],
    },
  ],
  ['a refusal without content', { messages: [user, { role: 'assistant', refusal: 'No.' }, user] }],
  ['a message without content', { messages: [{ role: 'user' }] }],
  ['a message with the content null', { messages: [{ role: 'assistant', content: null }, user] }],
  ['a role of its own', { messages: [{ role: 'critic', content: 'Shorter.' }, user] }],
  ['parts of its own', { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'x' } }] }] }],
  ['unknown fields', { min_p: 0.1, guided_json: { type: 'object' }, messages: [{ ...user, cache_control: { type: 'ephemeral' } }] }],
  ['five texts to stop at', { stop: ['a', 'b', 'c', 'd', 'e'] }],
  ['a temperature of 2.5', { temperature: 2.5 }],
  ['a top_p of 1.5', { top_p: 1.5 }],
  ['-1 tokens', { max_tokens: -1, max_completion_tokens: 0 }],
  ['two answers', { n: 2 }],
]

describe('a chat request goes on as it came', () => {
  test.each(requests)('with %s', async (_, body) => {
    expect((await complete(body)).body).toMatchObject({ choices: [{ message: { content: 'Bowline.' } }] })
    expect(provider.bodies).toEqual([{ model: 'any', messages: [user], ...body }])
  })

  test('and null means unset, wherever it is', async () => {
    const unset = ['models', 'stream', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'stop', 'n', 'tools', 'tool_choice']
    const nulls = Object.fromEntries(
      [...unset, 'response_format', 'user', 'seed', 'stream_options', 'logprobs'].map((name) => [name, null]),
    )
    const said = { role: 'assistant', content: null, refusal: null, audio: null, function_call: null, tool_calls: [call] }
    const messages = [{ ...user, name: null, tool_calls: null }, said, result]
    expect((await complete({ ...nulls, messages })).status).toBe(200)
    expect(provider.bodies).toEqual([{ model: 'any', messages: [user, { role: 'assistant', content: null, tool_calls: [call] }, result] }])
  })

  test('over tRPC and GraphQL as well', async () => {
    const odd = { model: 'compatible/any', messages: [{ role: 'critic' }], temperature: 2.5, stop: ['a', 'b', 'c', 'd', 'e'], n: 2 }
    await server.trpc(account).openai.complete.mutate({ ...odd, user: null })
    const document = `mutation ($messages: [JSON!]!) {
      chatCompletion(model: "compatible/any", messages: $messages, temperature: 2.5, stop: ["a", "b", "c", "d", "e"], n: 2, user: null)
    }`
    expect((await server.graphql(document, { messages: odd.messages }, account)).body).toMatchObject({ data: { chatCompletion: {} } })
    expect(provider.bodies).toEqual([
      { ...odd, model: 'any' },
      { ...odd, model: 'any' },
    ])
  })
})

describe('what this server itself needs is asked for', () => {
  test.each<[what: string, body: Record<string, unknown>, field: string]>([
    ['an empty model', { model: '' }, 'model'],
    ['no model', { model: null }, 'model'],
    ['no messages', { messages: [] }, 'messages'],
    ['messages that are none', { messages: ['hello'] }, 'messages.0'],
    ['a message of nobody', { messages: [{ content: 'hello' }] }, 'messages.0.role'],
    ['models that are no ids', { models: [7] }, 'models.0'],
    ['more models than are tried', { models: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'models'],
    ['a word for streaming', { stream: 'yes' }, 'stream'],
  ])('%s', async (_, body, field) => {
    expect(await complete(body)).toMatchObject({ status: 400, body: { error: { code: 'INVALID_INPUT', param: field } } })
    expect(provider.bodies).toEqual([])
  })
})

describe('a model that is spoken to in another way', () => {
  test.each<[what: string, body: Record<string, unknown>, field: string]>([
    ['a custom tool', { tools: [{ type: 'custom', custom: { name: 'patch' } }] }, 'tools.0'],
    ['allowed tools', { tool_choice: { type: 'allowed_tools', allowed_tools: {} } }, 'tool_choice'],
    ['two answers', { n: 2 }, 'n'],
  ])('says that it cannot take %s', async (_, body, field) => {
    expect(await complete({ model: 'anthropic/claude-haiku-4-5', ...body })).toMatchObject({
      status: 400,
      body: { error: { param: field } },
    })
  })
})
