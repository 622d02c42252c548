import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText, stepCountIs, tool, embedMany } from 'ai'
import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// The clients people have, unchanged, pointed at this server.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let client: OpenAI
beforeAll(async () => {
  provider = await startFakeOpenAi({ apiKey: 'operator-key', models: ['gpt-4o-mini', 'text-embedding-3-small'] })
  server = await startTestServer({ OPENAI_API_KEY: 'operator-key', OPENAI_BASE_URL: provider.url })
  account = await server.createAccount()
})
beforeEach(() => {
  provider.requests.length = 0
  client = new OpenAI({ apiKey: account.key, baseURL: `${server.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const ask = (content: string) => [{ role: 'user' as const, content }]
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Weather of a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
}

describe('the openai client', () => {
  test('gets a completion, with tokens and cost', async () => {
    provider.script({ kind: 'text', text: 'Bowline.', usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 } })
    const { data, response } = await client.chat.completions
      .create({ model: 'openai/gpt-4o-mini', messages: ask('Name a knot.'), temperature: 0.2, stop: ['\n'], user: 'u1', seed: 7 })
      .withResponse()
    expect(data).toMatchObject({
      object: 'chat.completion',
      model: 'openai/gpt-4o-mini',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline.' }, finish_reason: 'stop' }],
      // 1000 x 0.15 + 500 x 0.60 dollars per million.
      usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500, cost: 0.00045 },
    })
    expect(response.headers.get('x-agentbot-cost')).toBe('0.00045')
    expect(Number(response.headers.get('x-agentbot-overhead-ms'))).toBeGreaterThan(0)
    expect(provider.requests.at(-1)!.body).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.2, stop: ['\n'], user: 'u1', seed: 7 })
  })

  test('puts a stream together whose provider does not say who speaks', async () => {
    const piece = (index: number, delta: object, finish_reason: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ index, delta, finish_reason }] })}\n\n`
    const packets = [
      piece(0, { role: null, content: 'Bow' }),
      piece(1, { content: 'Clove hitch.' }),
      piece(0, { content: 'line.' }),
      'data: [DONE]\n\n',
    ]
    provider.script({ kind: 'raw', packets })
    const stream = client.chat.completions.stream({ model: 'openai/gpt-4o-mini', messages: ask('Name two knots.'), n: 2 })
    const roles: unknown[] = []
    stream.on('chunk', ({ choices }) => roles.push(...choices.map(({ delta }) => delta.role)))
    const { choices } = await stream.finalChatCompletion()
    expect(choices.map(({ message }) => [message.role, message.content])).toEqual([
      ['assistant', 'Bowline.'],
      ['assistant', 'Clove hitch.'],
    ])
    // Once for each.
    expect(roles).toEqual(['assistant', 'assistant', undefined, undefined, undefined])
  })

  test('may leave the vendor out of a model name', async () => {
    expect((await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask('hello') })).model).toBe('openai/gpt-4o-mini')
  })

  test('streams, and the end carries the usage', async () => {
    provider.script({ kind: 'text', text: ['Bow', 'line', '.'] })
    const stream = await client.chat.completions.create({ model: 'openai/gpt-4o-mini', messages: ask('Name a knot'), stream: true })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Bowline.')
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 1, cost: expect.any(Number) },
    })
  })

  test('gets the usage in a chunk of its own when it asks for it', async () => {
    const stream = await client.chat.completions.create({
      model: 'openai/gpt-4o-mini',
      messages: ask('hello'),
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })
    expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  test('uses its own stream helper with tools', async () => {
    provider.script({ kind: 'tool', name: 'weather', arguments: { place: 'Kiel' } })
    const runner = client.chat.completions.stream({
      model: 'openai/gpt-4o-mini',
      messages: ask('Weather?'),
      tools: [weather],
      tool_choice: 'required',
    })
    const { choices } = await runner.finalChatCompletion()
    expect(choices[0]!.message.tool_calls![0]).toMatchObject({ function: { name: 'weather', arguments: '{"place":"Kiel"}' } })
    expect(choices[0]!.finish_reason).toBe('tool_calls')
    expect(provider.requests.at(-1)!.body).toMatchObject({ tool_choice: 'required', tools: [{ function: { name: 'weather' } }] })
  })

  test('runs tools to the end', async () => {
    provider.script({ kind: 'tool', name: 'weather', arguments: { place: 'Kiel' } }, { kind: 'text', text: 'Windy in Kiel.' })
    const runner = client.chat.completions.runTools({
      model: 'openai/gpt-4o-mini',
      messages: ask('Weather in Kiel?'),
      tools: [
        {
          ...weather,
          function: { ...weather.function, parse: JSON.parse, function: ({ place }: { place: string }) => `windy in ${place}` },
        },
      ],
    })
    expect(await runner.finalContent()).toBe('Windy in Kiel.')
    expect(provider.requests.at(-1)!.body!.messages.at(-1)).toMatchObject({ role: 'tool', content: 'windy in Kiel' })
  })

  test('passes a response format on', async () => {
    provider.script({ kind: 'text', text: '{"knot":"bowline"}' })
    const schema = { name: 'knot', schema: { type: 'object', properties: { knot: { type: 'string' } } } }
    const { choices } = await client.chat.completions.create({
      model: 'openai/gpt-4o-mini',
      messages: ask('A knot as JSON'),
      response_format: { type: 'json_schema', json_schema: schema },
    })
    expect(JSON.parse(choices[0]!.message.content!)).toEqual({ knot: 'bowline' })
    expect(provider.requests.at(-1)!.body!.response_format).toEqual({ type: 'json_schema', json_schema: schema })
  })

  test('lists models, and finds one with a slash in its name', async () => {
    const ids = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect(ids).toEqual(expect.arrayContaining(['openai/gpt-4o-mini', 'local/commands']))
    expect(await client.models.retrieve('openai/gpt-4o-mini')).toMatchObject({ object: 'model', owned_by: 'openai' })
    await expect(client.models.retrieve('openai/none')).rejects.toThrow(NotFoundError)
  })

  test('embeds texts, as numbers and packed', async () => {
    const { data, usage, model } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['slack water', 'ebb'] })
    expect(model).toBe('openai/text-embedding-3-small')
    expect(data.map(({ index }) => index)).toEqual([0, 1])
    expect(data[0]!.embedding[0]).toBeCloseTo(0.11)
    expect(usage).toMatchObject({ prompt_tokens: 3, total_tokens: 3 })
    const packed = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'slack water', encoding_format: 'base64' })
    expect(packed.data[0]!.embedding).toEqual(expect.any(String))
  })

  test('talks to an agent', async () => {
    const { agent } = (
      await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', model: 'local/commands' } })
    ).body
    const { data, response } = await client.chat.completions
      .create({ model: `agent:${agent.id}`, messages: ask('calculate 6 * 7') })
      .withResponse()
    expect(data.choices[0]!.message.content).toContain('42')
    expect(data.usage!.total_tokens).toBeGreaterThan(0)
    // Commands cost nobody anything.
    expect(data.usage).toMatchObject({ cost: 0 })
    expect(response.headers.get('x-agentbot-cost')).toBe('0')
    expect(Number(response.headers.get('x-agentbot-overhead-ms'))).toBeGreaterThan(0)
    const runner = client.chat.completions.stream({ model: `agent:${agent.id}`, messages: ask('calculate 6 * 8') })
    expect(await runner.finalContent()).toContain('48')
    const { messages } = (await server.call('GET', `/api/agents/${agent.id}/messages`, { key: account.key })).body
    expect(messages).toHaveLength(4)
  })

  test('reads errors as it is used to', async () => {
    const create = (body: object, key = account.key) =>
      new OpenAI({ apiKey: key, baseURL: `${server.url}/v1`, maxRetries: 0 }).chat.completions.create(body as never)
    const good = { model: 'openai/gpt-4o-mini', messages: ask('hello') }
    await expect(create(good, 'sk_none')).rejects.toThrow(AuthenticationError)
    await expect(create({ ...good, models: [7] })).rejects.toThrow(
      expect.objectContaining({ status: 400, param: 'models.0', type: 'invalid_request_error' }) as Error,
    )
    await expect(create({ ...good, messages: [] })).rejects.toThrow(BadRequestError)
    await expect(create({ ...good, model: 'nobody/has-it' })).rejects.toThrow(NotFoundError)
    // The provider itself refuses these.
    await expect(create({ ...good, model: 'openai/gpt-9' })).rejects.toThrow(
      expect.objectContaining({ status: 404, code: 'model_not_found' }) as Error,
    )
    await expect(create({ ...good, tool_choice: 'auto' })).rejects.toThrow(
      expect.objectContaining({ status: 400, code: 'MODEL_REFUSED_REQUEST', message: expect.stringContaining('tool_choice') }) as Error,
    )
    await expect(create({ ...good, model: 'agent:none' })).rejects.toThrow(
      expect.objectContaining({ status: 404, code: 'AGENT_NOT_FOUND' }) as Error,
    )
  })

  test('that stops reading stops the provider, and is billed for what it got', async () => {
    const gate = createGate()
    provider.script({ kind: 'slow', chunks: ['one ', 'two ', 'three '], gate })
    gate.open()
    const stream = await client.chat.completions.create({ model: 'openai/gpt-4o-mini', messages: ask('count'), stream: true })
    let got = ''
    for await (const { choices } of stream) {
      got += choices[0]?.delta.content ?? ''
      if (got) break
    }
    expect(got).toBe('one ')
    await (
      await provider.request(0)
    ).disconnected
    const usage = await lastUsage()
    expect(usage).toMatchObject({ outcome: 'aborted', isEstimated: true, outputTokens: 1 })
  })

  test('that goes away before the answer stops the provider, and is billed nothing', async () => {
    const gate = createGate()
    provider.script({ kind: 'hang', gate })
    const abort = new AbortController()
    const answer = client.chat.completions.create({ model: 'openai/gpt-4o-mini', messages: ask('hello') }, { signal: abort.signal })
    const request = await provider.request(0)
    abort.abort()
    await expect(answer).rejects.toThrow(APIUserAbortError)
    await request.disconnected
    expect(await lastUsage()).toMatchObject({ outcome: 'aborted', inputTokens: null, outputTokens: null, costNanoUsd: null })
  })
})

describe('the AI SDK', () => {
  const providers = () => [
    createOpenAI({ apiKey: account.key, baseURL: `${server.url}/v1` }).chat('openai/gpt-4o-mini'),
    createOpenAICompatible({ name: 'agentbot', apiKey: account.key, baseURL: `${server.url}/v1`, includeUsage: true })(
      'openai/gpt-4o-mini',
    ),
  ]

  test.each([0, 1])('generates and streams (%i)', async (index) => {
    provider.script({ kind: 'text', text: 'Reef knot.' }, { kind: 'text', text: ['Sheet ', 'bend.'] })
    const model = providers()[index]!
    const { text, usage } = await generateText({ model, prompt: 'A knot?', maxRetries: 0 })
    expect(text).toBe('Reef knot.')
    expect(usage).toMatchObject({ inputTokens: 2, outputTokens: 2 })
    const stream = streamText({ model, prompt: 'Another?', maxRetries: 0 })
    expect(await stream.text).toBe('Sheet bend.')
    expect((await stream.usage).outputTokens).toBe(2)
  })

  test('runs its tool loop', async () => {
    provider.script({ kind: 'tool', name: 'weather', arguments: { place: 'Kiel' } }, { kind: 'text', text: 'Windy.' })
    const { text, steps } = await generateText({
      model: providers()[0]!,
      prompt: 'Weather in Kiel?',
      maxRetries: 0,
      stopWhen: stepCountIs(3),
      tools: { weather: tool({ inputSchema: z.object({ place: z.string() }), execute: ({ place }) => `windy in ${place}` }) },
    })
    expect(text).toBe('Windy.')
    expect(steps).toHaveLength(2)
  })

  test('embeds', async () => {
    const model = createOpenAI({ apiKey: account.key, baseURL: `${server.url}/v1` }).embedding('openai/text-embedding-3-small')
    const { embeddings } = await embedMany({ model, values: ['slack water', 'ebb'], maxRetries: 0 })
    expect(embeddings.map(([length]) => length)).toEqual([0.11, 0.03])
  })
})

/** The newest recorded call of the account, once everything is stored. */
async function lastUsage() {
  const { flushUsage } = await import('../../../server/models/metering/metering.service.ts')
  for (let found; ; await new Promise((next) => setImmediate(next))) {
    await flushUsage(server.platform)
    found = await server.platform.databases.system
      .selectFrom('usageEvents')
      .where('accountId', '=', account.id)
      .orderBy('createdAt', 'desc')
      .orderBy('id', 'desc')
      .selectAll()
      .executeTakeFirst()
    if (found?.outcome === 'aborted') return found
  }
}
