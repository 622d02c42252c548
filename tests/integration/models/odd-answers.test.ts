import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { oddStream } from '../../fakes/odd-stream.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { eventsOf } from '../../helpers/sse.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Providers answer in many ways. What one said reaches the caller of the gateway, and the reader of an agent, alike.

vi.setConfig({ testTimeout: 60_000 })

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
let agentId: string
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({
    OPENAI_API_KEY: 'oa-key',
    OPENAI_BASE_URL: provider.url,
    MODEL_PRICES: 'openai/priced=10/20:cacheRead=1:cacheWrite=12',
    RATE_LIMIT_SCALE: '1000',
  })
  account = await server.createAccount()
  const { body } = await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', model: 'openai/priced' } })
  agentId = body.agent.id
})
beforeEach(() => void (provider.requests.length = 0))
afterAll(async () => {
  await server.close()
  await provider.close()
})

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
const said = (content: unknown, more: object = {}) => event({ id: 'c1', choices: [{ index: 0, delta: { content, ...more } }] })
const DONE = 'data: [DONE]\n\n'
const stream = (...packets: string[]) => provider.script({ kind: 'raw', packets })
const whole = (body: object, status = 200, headers: Record<string, string> = {}) =>
  provider.script({ kind: 'raw', status, headers: { 'content-type': 'application/json', ...headers }, packets: [JSON.stringify(body)] })
const answer = (message: object, more: object = {}) => ({ choices: [{ index: 0, message, finish_reason: 'stop' }], ...more })

const ask = (body: object = {}) =>
  server.call('POST', '/v1/chat/completions', {
    key: account.key,
    body: { model: 'openai/priced', messages: [{ role: 'user', content: 'Name a knot' }], ...body },
  })

interface Read {
  status: number
  chunks: { choices: { index: number; delta: Record<string, unknown>; finish_reason: string | null }[]; usage?: Record<string, unknown> }[]
  text: string
  error: { message: string; code: string; upstreamStatus?: number } | undefined
  isDone: boolean
}

async function read(body: object = {}): Promise<Read> {
  const { status, body: text } = await ask({ stream: true, ...body })
  const lines = String(text)
    .split('\n\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
  const data = lines.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line))
  const chunks = data.filter(({ choices }) => choices)
  return {
    status,
    chunks,
    text: chunks.flatMap(({ choices }) => choices.map(({ delta }: { delta: { content?: string } }) => delta.content ?? '')).join(''),
    error: data.find(({ error }) => error)?.error,
    isDone: lines.at(-1) === '[DONE]',
  }
}

async function readAgent() {
  const response = await fetch(`${server.url}/api/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ agentId, message: 'Name a knot' }),
  })
  return Array.fromAsync(eventsOf(response))
}

async function usage() {
  await flushUsage(server.platform)
  const rows = server.platform.databases.system.selectFrom('usageEvents').where('accountId', '=', account.id)
  return rows.orderBy('createdAt', 'desc').orderBy('id', 'desc').selectAll().executeTakeFirstOrThrow()
}

const streams: [what: string, packets: string[], text: string][] = [
  ['text beside a null finish reason and other fields', [said('Bow', { annotations: [], refusal: null }), said('line.'), DONE], 'Bowline.'],
  ['a finish without a delta', [said('Bowline.'), event({ choices: [{ index: 0, finish_reason: 'stop' }] }), DONE], 'Bowline.'],
  [
    'choices that are null beside the usage',
    [said('Bowline.'), event({ choices: null, usage: { prompt_tokens: 3, completion_tokens: 2 } }), DONE],
    'Bowline.',
  ],
  ['an empty data field', ['data:\n\n', said('Bow'), 'data: \n\n', said('line.'), DONE], 'Bowline.'],
  ['pings', ['event: ping\ndata: {"type":"ping"}\n\n', said('Bow'), 'event: ping\ndata: ping\n\n', said('line.'), DONE], 'Bowline.'],
  [
    'a finish that comes early',
    [said('Bow'), event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), said('line.'), DONE],
    'Bowline.',
  ],
  [
    'a finish that comes with the last text',
    [said('Bow'), event({ choices: [{ index: 0, delta: { content: 'line.' }, finish_reason: 'stop' }] }), DONE],
    'Bowline.',
  ],
  [
    'a finish that comes twice',
    [said('Bowline.'), ...Array<string>(2).fill(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })), DONE],
    'Bowline.',
  ],
  ['no finish, but an end', [said('Bowline.'), DONE], 'Bowline.'],
  ['no end, but a finish', [said('Bowline.'), event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })], 'Bowline.'],
  [
    'content as parts',
    [
      said([
        { type: 'text', text: 'Bow' },
        { type: 'text', text: 'line.' },
      ]),
      DONE,
    ],
    'Bowline.',
  ],
  [
    'a role that is null, an index that is none, a time as text',
    [event({ created: '1700000000', choices: [{ index: null, delta: { role: null, content: 'Bowline.' } }] }), DONE],
    'Bowline.',
  ],
  [
    'whole messages instead of deltas',
    [event({ choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline.' } }] }), DONE],
    'Bowline.',
  ],
  ['no empty line at its end', [said('Bowline.'), 'data: [DONE]'], 'Bowline.'],
  [
    'an error that is empty',
    [said('Bow', { error: {} }), event({ error: {}, choices: [{ delta: { content: 'line.' } }] }), DONE],
    'Bowline.',
  ],
]

describe('a stream with', () => {
  test.each(streams)('%s is heard to its end', async (_what, packets, text) => {
    stream(...packets)
    const answered = await read()
    expect(answered).toMatchObject({ status: 200, text, error: undefined, isDone: true })
    expect(answered.chunks.at(-1)).toMatchObject({
      choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
      usage: { total_tokens: expect.any(Number) },
    })

    stream(packets.join(''))
    expect(await read()).toMatchObject({ text, error: undefined, isDone: true })

    stream(...packets)
    const events = await readAgent()
    expect(
      events
        .filter((one) => one.event === 'delta')
        .map((one) => one.data.text)
        .join(''),
    ).toBe(text)
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { reply: text } })
  })

  test('more than one choice brings every piece of each, and why each ended', async () => {
    const piece = (index: number, content: string, finish_reason: string | null = null) => ({ index, delta: { content }, finish_reason })
    stream(
      event({ choices: [piece(1, 'Clo'), piece(0, 'Bow')] }),
      event({ choices: [piece(0, 'line.', 'length'), piece(1, 've hitch.')] }),
      event({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
      DONE,
    )
    const { chunks } = await read({ n: 2 })
    const textOf = (wanted: number) =>
      chunks.flatMap(({ choices }) => choices.filter(({ index }) => index === wanted).map(({ delta }) => delta.content ?? '')).join('')
    expect([textOf(0), textOf(1)]).toEqual(['Bowline.', 'Clove hitch.'])
    expect(chunks.at(-1)!.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([
      [0, 'length'],
      [1, 'stop'],
    ])
  })

  test('fields beside a finish brings them with what they stand beside, however often it finishes', async () => {
    const token = (content: string) => ({
      index: 0,
      delta: { content },
      finish_reason: 'stop',
      logprobs: { content: [{ token: content }] },
    })
    stream(
      event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }),
      event({ choices: [token('Bow')] }),
      event({ choices: [token('line.')] }),
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop', content_filter_results: { hate: {} } }] }),
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      DONE,
    )
    const { chunks } = await read()
    expect(chunks).toMatchObject([
      { choices: [{ ...token('Bow'), finish_reason: null }] },
      { choices: [{ ...token('line.'), finish_reason: null }] },
      {
        choices: [{ delta: {}, finish_reason: 'stop', content_filter_results: { hate: {} } }],
        prompt_filter_results: [{ prompt_index: 0 }],
      },
    ])
    expect(chunks.at(-1)!.choices[0]).not.toHaveProperty('logprobs')
  })

  test.each([
    ['in JSON', 'event: error\ndata: {"message":"no more knots","code":503}\n\n', 503],
    ['in plain words', 'event: error\ndata: no more knots\n\n', 500],
  ])('an event named error, %s, brings the text, then the error in its words', async (_how, last, upstreamStatus) => {
    stream(said('Bow'), last)
    expect(await read()).toMatchObject({ text: 'Bow', error: { upstreamStatus, message: expect.stringContaining('no more knots') } })
  })

  test.each(['application/json', 'text/plain'])('the name %s is read as the stream it is', async (type) => {
    provider.script({ kind: 'raw', headers: { 'content-type': type }, packets: [said('Bow'), said('line.'), DONE] })
    expect(await read()).toMatchObject({ status: 200, text: 'Bowline.', isDone: true })
  })

  test('an error in the packet of its last text brings the text, then the error with its status', async () => {
    const packet = said('Bow') + event({ error: { message: 'x', code: 429 } })
    stream(packet)
    expect(await read()).toMatchObject({ status: 200, text: 'Bow', isDone: false, error: { code: 'MODEL_FAILED', upstreamStatus: 429 } })
    stream(packet)
    const events = await readAgent()
    expect(events.slice(1)).toMatchObject([
      { event: 'delta', data: { text: 'Bow' } },
      { event: 'error', data: { upstreamStatus: 429, error: expect.stringContaining('x') } },
    ])
  })

  test('a plain completion instead becomes a stream', async () => {
    const body = answer({ role: 'assistant', content: 'Bowline.' }, { id: 'c1', usage: { prompt_tokens: 3, completion_tokens: 2 } })
    whole(body)
    const { chunks, text, isDone } = await read()
    expect({ text, isDone }).toEqual({ text: 'Bowline.', isDone: true })
    expect(chunks.at(-1)!.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 2 })
    whole(body)
    expect((await readAgent()).at(-1)).toMatchObject({ event: 'done', data: { reply: 'Bowline.' } })
  })

  test('a plain completion under the name of a stream is one all the same', async () => {
    const packets = ['\n ', ...JSON.stringify(answer({ role: 'assistant', content: 'Bowline.' }))]
    for (const asked of [read, ask]) {
      provider.script({ kind: 'raw', headers: { 'content-type': 'text/event-stream' }, packets })
      expect(await asked()).toMatchObject({ status: 200 })
    }
    provider.script({ kind: 'raw', headers: { 'content-type': 'text/event-stream' }, packets })
    expect((await read()).text).toBe('Bowline.')
  })

  test('nothing but an end is an empty answer, and half of one is said to be half', async () => {
    stream(DONE)
    expect(await ask({ stream: true })).toMatchObject({
      status: 502,
      body: { error: { message: expect.stringContaining('empty answer') } },
    })
    stream(said('Bow'))
    expect(await read()).toMatchObject({ text: 'Bow', error: { message: expect.stringContaining('broke off') } })
    stream(said('Bow'), 'data: {"choices":[{"delta":{"content":"li\n\n', said('ne.'), DONE)
    expect(await read()).toMatchObject({ text: 'Bow', error: { message: expect.stringContaining('cannot be read') } })
  })

  test('all of that, in random order and cut at random bytes, brings what was said once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(oddStream(), async ({ packets, headers, said: spoken, error }) => {
        provider.script({ kind: 'raw', packets, headers })
        const answered = await read({ n: 2 })
        for (const { index, content, reasoning } of spoken) {
          const deltas = answered.chunks.flatMap(({ choices }) =>
            choices.filter((choice) => choice.index === index).map(({ delta }) => delta),
          )
          expect(deltas.map((delta) => delta.content ?? '').join('')).toBe(content)
          expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe(reasoning)
        }
        expect(answered.error?.upstreamStatus).toBe(error)
        expect(answered.isDone).toBe(error === undefined)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a whole answer with', () => {
  const usages: [what: string, usage: unknown, tokens: object][] = [
    ['an empty usage', {}, { prompt_tokens: 3, completion_tokens: 2, estimated: true }],
    ['only the tokens of the answer', { completion_tokens: 25 }, { prompt_tokens: 3, completion_tokens: 25, estimated: true }],
    ['a negative count', { prompt_tokens: -1, completion_tokens: -1 }, { prompt_tokens: 3, completion_tokens: 2, estimated: true }],
    ['no usage', null, { prompt_tokens: 3, completion_tokens: 2, estimated: true }],
    ['a count as text', { prompt_tokens: '7', completion_tokens: 4 }, { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 }],
    ['a sum instead of a part', { prompt_tokens: 7, total_tokens: 11 }, { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11 }],
  ]
  test.each(usages)('%s is the answer, and what was counted is said', async (_what, counted, tokens) => {
    whole(answer({ role: 'assistant', content: 'Bowline.' }, { usage: counted }))
    const { status, body } = await ask()
    expect(status).toBe(200)
    expect(body).toMatchObject({ choices: [{ message: { content: 'Bowline.' } }], usage: tokens })
    expect('estimated' in body.usage).toBe('estimated' in tokens)
    expect(await usage()).toMatchObject({ isEstimated: 'estimated' in tokens, outputTokens: body.usage.completion_tokens })
  })

  test.each<[string, object]>([
    ['an index that is null', { choices: [{ index: null, message: { role: 'assistant', content: 'Bowline.' }, finish_reason: 'stop' }] }],
    ['a role that is null', answer({ role: null, content: 'Bowline.' })],
    ['a time as text', answer({ role: 'assistant', content: 'Bowline.' }, { created: '1700000000' })],
    [
      'content as parts',
      answer({
        role: 'assistant',
        content: [
          { type: 'text', text: 'Bow' },
          { type: 'text', text: 'line.' },
        ],
      }),
    ],
  ])('%s is the answer', async (_what, body) => {
    whole(body)
    expect(await ask()).toMatchObject({
      status: 200,
      body: {
        id: expect.stringMatching(/./),
        created: expect.any(Number),
        choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline.' }, finish_reason: 'stop' }],
      },
    })
  })

  test('two choices of one number has two choices', async () => {
    const choice = (content: string) => ({ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' })
    whole({ choices: [choice('Bowline.'), choice('Clove hitch.')] })
    expect((await ask({ n: 2 })).body.choices).toEqual([choice('Bowline.'), { ...choice('Clove hitch.'), index: 1 }])
  })

  test('an error in it has the status it names, and words', async () => {
    whole({ error: { message: 'x', code: 429 } })
    expect(await ask()).toMatchObject({ status: 429, body: { error: { upstreamStatus: 429, message: expect.stringContaining('x') } } })
    whole({ error: { message: 'x', code: 429 } })
    expect(await ask({ stream: true })).toMatchObject({ status: 429 })
  })

  test('more than was asked for is passed on whole', async () => {
    const usageSent = {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 110,
      prompt_tokens_details: { cached_tokens: 80, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 4 },
    }
    const message = { role: 'assistant', content: 'Bowline.', reasoning_content: 'A knot.', annotations: [{ type: 'url_citation' }] }
    const sent = answer(message, {
      id: 'c1',
      created: 1_700_000_000,
      system_fingerprint: 'fp_1',
      service_tier: 'default',
      usage: usageSent,
    })
    whole(sent)
    const { body } = await ask()
    expect(body).toEqual({ ...sent, object: 'chat.completion', model: 'openai/priced', usage: { ...usageSent, cost: expect.any(Number) } })
    // Twenty at the full price, eighty at that of the cache.
    expect(body.usage.cost).toBeCloseTo((20 * 10 + 80 * 1 + 10 * 20) / 1e6, 12)
    expect(await usage()).toMatchObject({ costNanoUsd: 480_000 })

    stream(
      event({ id: 'c1', system_fingerprint: 'fp_1', choices: [{ index: 0, delta: { content: 'Bowline.' } }] }),
      event({ choices: [], usage: usageSent }),
      DONE,
    )
    const { chunks } = await read()
    expect(chunks[0]).toMatchObject({ system_fingerprint: 'fp_1' })
    expect(chunks.at(-1)!.usage).toEqual({ ...usageSent, cost: body.usage.cost })

    stream(said('Bowline.'), event({ choices: [], usage: usageSent }), DONE)
    expect((await readAgent()).at(-1)).toMatchObject({ data: { usage: { cost: body.usage.cost } } })
  })

  test('packing nobody asked for is unpacked, whole or streamed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    provider.script({ kind: 'raw', headers, packets: [gzipSync(JSON.stringify(answer({ role: 'assistant', content: 'Bowline.' })))] })
    expect((await ask()).body.choices[0].message.content).toBe('Bowline.')
    provider.script({ kind: 'raw', headers: { 'content-encoding': 'gzip' }, packets: [gzipSync(said('Bowline.') + DONE)] })
    expect((await read()).text).toBe('Bowline.')
    provider.script({ kind: 'raw', headers, status: 400, packets: [gzipSync(JSON.stringify({ error: { message: 'no such knot' } }))] })
    expect((await ask()).body.error.message).toContain('no such knot')
  })
})

describe('a model that refuses in a field of its own', () => {
  const refused = (index: string) => [
    event({ choices: [{ index: 0, delta: { refusal: `I will ${index}` } }] }),
    event({ choices: [{ index: 0, delta: { refusal: ' not.' }, finish_reason: 'stop' }] }),
    DONE,
  ]

  test('has said that, to an agent and to the AI chat', async () => {
    stream(...refused('certainly'))
    expect((await readAgent()).at(-1)).toMatchObject({ event: 'done', data: { reply: 'I will certainly not.' } })
    const body = { model: 'openai/priced', messages: [{ role: 'user', content: 'Name a knot' }] }
    whole(answer({ role: 'assistant', content: null, refusal: 'I will not.' }))
    expect(await server.call('POST', '/api/ai/chat', { key: account.key, body })).toMatchObject({
      status: 200,
      body: { message: { content: 'I will not.' } },
    })
    stream(...refused('rather'))
    const streamed = await server.call('POST', '/api/ai/chat', { key: account.key, body, headers: { accept: 'text/event-stream' } })
    expect(streamed.body).toContain('I will rather not.')
  })
})

test('what an agent’s model thinks is told to those who call the agent as a model', async () => {
  stream(event({ choices: [{ index: 0, delta: { reasoning_content: 'A knot.' } }] }), said('Bowline.'), DONE)
  const { chunks, text } = await read({ model: `agent:${agentId}` })
  expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.reasoning_content ?? '')).join('')).toBe('A knot.')
  expect(text).toBe('Bowline.')
})
