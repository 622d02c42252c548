import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startFakeAnthropic, type FakeAnthropic } from '../../fakes/anthropic.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi, type Gate } from '../../fakes/openai.ts'
import { eventsOf } from '../../helpers/sse.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// Answers that take their time: what there is of them is passed on as it comes, and only silence ends one.

let openai: FakeOpenAi
let anthropic: FakeAnthropic
let server: TestServer
let account: TestAccount
const agents: Record<string, string> = {}
beforeAll(async () => {
  openai = await startFakeOpenAi()
  anthropic = await startFakeAnthropic({ apiKey: 'an-key' })
  server = await startTestServer({
    OPENAI_API_KEY: 'oa-key',
    OPENAI_BASE_URL: openai.url,
    ANTHROPIC_API_KEY: 'an-key',
    ANTHROPIC_BASE_URL: anthropic.url,
    MODEL_TIMEOUT_SECONDS: '1',
  })
  account = await server.createAccount()
  for (const model of ['openai/any', 'anthropic/claude-next']) {
    const { body } = await server.call('POST', '/api/agents/provision', { key: account.key, body: { name: 'Clerk', model } })
    agents[model] = body.agent.id
  }
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await server.close()
  await Promise.all([openai.close(), anthropic.close()])
})

const post = (path: string, body: object, signal?: AbortSignal) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${account.key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
const tools = [{ type: 'function', function: { name: 'calculate', parameters: { type: 'object', properties: {} } } }]
const complete = (model: string, signal?: AbortSignal) =>
  post('/v1/chat/completions', { model, stream: true, tools, messages: [{ role: 'user', content: 'x' }] }, signal)
const chat = (model: string) => post('/api/chat', { agentId: agents[model], message: 'x' })

const event = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c1', choices: [{ index: 0, delta, finish_reason }] })}\n\n`

/** The next piece of text, however it is packed. */
async function* textOf(response: Response): AsyncGenerator<string> {
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) yield piece
}

describe('only silence ends an answer', () => {
  /** Lets one piece after the other through, in less than a second each and more than a second in all. */
  const drip = (gate: Gate) => {
    const timer = setInterval(() => gate.open(), 250)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }
  const chunks = ['one ', 'two ', 'three ', 'four ', 'five ', 'six']

  test('one that flows is whole, though it takes longer than the longest silence', async () => {
    for (const ask of [complete, chat]) {
      const gate = createGate()
      openai.script({ kind: 'slow', chunks, gate })
      using _ = drip(gate)
      const began = performance.now()
      const text = await (await ask('openai/any')).text()
      expect(performance.now() - began).toBeGreaterThan(1000)
      expect(text).toContain('six')
      expect(text).not.toContain('MODEL_TIMEOUT')
    }
  })

  test('comments of a provider that thinks are signs of life', async () => {
    const gate = createGate()
    const packets = chunks.flatMap(() => [gate, ': OPENROUTER PROCESSING\n\n'])
    openai.script({ kind: 'raw', packets: [...packets, event({ content: 'Bowline.' }, 'stop'), 'data: [DONE]\n\n'] })
    using _ = drip(gate)
    expect(await (await complete('openai/any')).text()).toContain('Bowline.')
  })

  test('a whole one whose bytes flow is whole as well, though it takes longer', async () => {
    const gate = createGate()
    const body = JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline.' }, finish_reason: 'stop' }] })
    openai.script({ kind: 'raw', headers: { 'content-type': 'application/json' }, packets: [...chunks.flatMap(() => [gate, '\n']), body] })
    using _ = drip(gate)
    const began = performance.now()
    const answered = await post('/v1/chat/completions', { model: 'openai/any', messages: [{ role: 'user', content: 'x' }] })
    expect(await answered.text()).toContain('Bowline.')
    expect(performance.now() - began).toBeGreaterThan(1000)
  })

  test('one that never begins was silent for a round number of seconds', async () => {
    openai.script({ kind: 'raw', packets: [createGate()] })
    expect(await (await complete('openai/any')).text()).toContain('was silent for 1 s')
  })

  test('one that falls silent is given up, and says for how long it was silent', async () => {
    for (const ask of [complete, chat]) {
      openai.script({ kind: 'raw', packets: [event({ content: 'Bow' }), createGate()] })
      const text = await (await ask('openai/any')).text()
      expect(text).toContain('Bow')
      expect(text).toContain('was silent for 1 s')
    }
  })
})

describe('what a model thinks, and writes to tools, is passed on as it comes', () => {
  const anthropicCall = (gate: Gate) => ({
    events: [
      {
        type: 'message_start',
        message: { id: 'msg_1', usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: 20, cache_creation_input_tokens: 3 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'A sum.' } },
      gate,
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'calculate', input: {} } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"expression":' } },
      gate,
      { type: 'ping' },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"1+1"}' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'an_event_nobody_knows', data: {} },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
      { type: 'message_stop' },
    ],
  })
  const openaiCall = (gate: Gate) => ({
    kind: 'raw' as const,
    packets: [
      event({ reasoning_content: 'A sum.' }),
      gate,
      event({ tool_calls: [{ index: 0, id: 'toolu_1', type: 'function', function: { name: 'calculate', arguments: '' } }] }),
      event({ tool_calls: [{ index: 0, function: { arguments: '{"expression":' } }] }),
      gate,
      event({ tool_calls: [{ index: 0, function: { arguments: '"1+1"}' } }] }),
      event({}, 'tool_calls'),
      'data: [DONE]\n\n',
    ],
  })
  const providers: [model: string, script: (gate: Gate) => void][] = [
    ['openai/any', (gate) => openai.script(openaiCall(gate), { kind: 'text', text: 'Two.' })],
    ['anthropic/claude-next', (gate) => anthropic.script(anthropicCall(gate), 'Two.')],
  ]

  test.each(providers)('by %s, to callers of the gateway', async (model, script) => {
    const gate = createGate()
    script(gate)
    // Headers are out with the first thought.
    const response = await complete(model)
    expect(response.status).toBe(200)
    const pieces = textOf(response)
    let text = ''
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await pieces.next()).value
    }
    await until('"reasoning_content":"A sum."')
    expect(text).not.toContain('toolu_1')
    gate.open()
    await until('"arguments":"{\\"expression\\":"')
    expect(text).not.toContain('1+1')
    gate.open()
    await until('"finish_reason":"tool_calls"')
    expect(text).toContain('"arguments":"\\"1+1\\"}"')
    await pieces.return(undefined)
    // The second answer that was scripted is for an agent.
    await (await chat(model)).text()
  })

  test.each(providers)('by %s, to readers of an agent', async (model, script) => {
    const gate = createGate()
    script(gate)
    const events = eventsOf(await chat(model))
    const next = async () => (await events.next()).value!
    expect(await next()).toMatchObject({ event: 'start' })
    expect(await next()).toMatchObject({ event: 'reasoning', data: { text: 'A sum.' } })
    gate.open()
    expect(await next()).toMatchObject({ event: 'tool-input', data: { id: 'toolu_1', name: 'calculate', text: '' } })
    expect(await next()).toMatchObject({ event: 'tool-input', data: { id: 'toolu_1', name: 'calculate', text: '{"expression":' } })
    gate.open()
    expect(await next()).toMatchObject({ event: 'tool-input', data: { text: '"1+1"}' } })
    expect(await next()).toMatchObject({ event: 'tool', data: { input: { expression: '1+1' }, result: { result: 2 } } })
    expect(await next()).toMatchObject({ event: 'delta', data: { text: 'Two.' } })
    expect(await next()).toMatchObject({ event: 'done', data: { reply: 'Two.' } })
  })

  test('Anthropic counts what came from its cache beside the input, and callers are told both', async () => {
    const gate = createGate()
    gate.open()
    gate.open()
    anthropic.script(anthropicCall(gate))
    const text = await (await complete('anthropic/claude-next')).text()
    const usage = JSON.parse(text.trim().split('\n\n').at(-2)!.slice('data: '.length)).usage
    expect(usage).toMatchObject({ prompt_tokens: 28, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 20 } })
  })

  test('Anthropic’s errors keep their status, at once and in the middle', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    anthropic.script({ events: [error], status: 529, headers: { 'retry-after': '7' } })
    const refused = await complete('anthropic/claude-next')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('7')
    expect(await refused.json()).toMatchObject({
      error: { type: 'overloaded_error', upstreamStatus: 529, message: expect.stringContaining('Overloaded') },
    })
    anthropic.script({ events: [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Bow' } }, error] })
    const text = await (await complete('anthropic/claude-next')).text()
    expect(text).toContain('"content":"Bow"')
    expect(text).toContain('"upstreamStatus":529')
  })
})

describe('a caller that leaves', () => {
  test.each([
    ['before the first word', [createGate()]],
    ['in the middle', [event({ content: 'Bow' }), createGate()]],
  ])('%s stops the provider at once, and is logged as a closed connection', async (_when, packets) => {
    const { log } = server.platform
    vi.spyOn(log, 'isLevelEnabled').mockReturnValue(true)
    const error = vi.spyOn(log, 'error')
    const calls = vi.spyOn(log, 'info')
    openai.requests.length = 0
    openai.script({ kind: 'raw', packets })
    const caller = new AbortController()
    const answered = complete('openai/any', caller.signal).then((response) => response.text())
    await (packets.length > 1 ? vi.waitFor(() => expect(openai.requests).toHaveLength(1)) : openai.request(0))
    caller.abort()
    await expect(answered).rejects.toThrow('aborted')
    await openai.requests[0]!.disconnected
    await vi.waitFor(() => expect(calls.mock.calls.filter(([fields]) => isStream(fields))).toHaveLength(1))
    expect(calls).toHaveBeenCalledWith(expect.objectContaining({ operation: 'openai.stream', outcome: 'CLIENT_CLOSED' }), 'call')
    expect(error).not.toHaveBeenCalled()
  })

  const isStream = (fields: unknown) => (fields as { operation?: string }).operation === 'openai.stream'

  test('is one thing, a stream that ends or fails another, and the log says which', async () => {
    const { log } = server.platform
    vi.spyOn(log, 'isLevelEnabled').mockReturnValue(true)
    const calls = vi.spyOn(log, 'info')
    openai.script({ kind: 'raw', packets: [event({ content: 'Bowline.' }), 'data: [DONE]\n\n'] })
    await (await complete('openai/any')).text()
    openai.script({ kind: 'raw', packets: [event({ content: 'Bow' }), createGate()] })
    await (await complete('openai/any')).text()
    const logged = calls.mock.calls.map(([fields]) => fields as { outcome: string; ms: number }).filter(isStream)
    expect(logged).toMatchObject([{ outcome: 'ok' }, { outcome: 'MODEL_TIMEOUT' }])
    expect(logged[1]!.ms).toBeGreaterThan(900)
  })

  test('a whole answer is logged as a closed connection', async () => {
    const { log } = server.platform
    vi.spyOn(log, 'isLevelEnabled').mockReturnValue(true)
    const error = vi.spyOn(log, 'error')
    const calls = vi.spyOn(log, 'info')
    openai.requests.length = 0
    openai.script({ kind: 'raw', packets: [createGate()] })
    const caller = new AbortController()
    const answered = post('/v1/chat/completions', { model: 'openai/any', messages: [{ role: 'user', content: 'x' }] }, caller.signal)
    await openai.request(0)
    caller.abort()
    await expect(answered).rejects.toThrow('aborted')
    await openai.requests[0]!.disconnected
    await vi.waitFor(() =>
      expect(calls).toHaveBeenCalledWith(expect.objectContaining({ operation: 'openai.complete', outcome: 'CLIENT_CLOSED' }), 'call'),
    )
    expect(error).not.toHaveBeenCalled()
  })
})
