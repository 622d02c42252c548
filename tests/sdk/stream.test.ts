import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { ConnectionError, ServerError, TimeoutError, type ChatEvent } from '../../sdk/src/index.ts'
import { Chat } from '../../sdk/src/resources/chat.ts'
import { createConnection, json, reset, startScriptedServer } from './scripted-server.ts'

const started = { id: 'msg_1', agentId: 'agt_1', sessionId: 'ses_1' }
const format = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const opening = format('start', started) + format('delta', { text: 'Grüße ' })
const whole = `${opening}: keep-alive\n\n${format('delta', { text: 'an 🌍' })}${format('done', { ...started, reply: 'Grüße an 🌍' })}`

const open = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' })

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const chatOf = (baseUrl: string) => new Chat(createConnection(baseUrl).connection)

describe('a stream', () => {
  test('gives typed events, however the bytes are cut', async () => {
    await using server = await startScriptedServer(async (response) => {
      open(response)
      for (const byte of Buffer.from(whole)) response.write(Buffer.of(byte))
    })
    expect(await collect(chatOf(server.baseUrl).stream({ message: 'Hi' }))).toEqual([
      { type: 'start', ...started },
      { type: 'delta', text: 'Grüße ' },
      { type: 'delta', text: 'an 🌍' },
      { type: 'done', ...started, reply: 'Grüße an 🌍' },
    ])
    expect(server.seen[0]).toMatchObject({ url: '/api/chat', body: { message: 'Hi' }, headers: { accept: 'text/event-stream' } })
  })

  test('throws the typed error of an error event', async () => {
    const failure = { error: 'The model failed.', code: 'MODEL_FAILED', model: 'x', status: 502, requestId: 'req_2' }
    await using server = await startScriptedServer((response) => void open(response).end(opening + format('error', failure)))
    const error = await collect(chatOf(server.baseUrl).stream({ message: 'Hi' })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ServerError)
    expect(error).toMatchObject({
      code: 'MODEL_FAILED',
      message: 'The model failed.',
      status: 502,
      requestId: 'req_2',
      details: { model: 'x' },
    })
  })

  test('ends on the server when the loop is left', async () => {
    let closed: Promise<unknown> | undefined
    await using server = await startScriptedServer((response) => {
      closed = once(response, 'close')
      open(response).write(opening)
    })
    for await (const event of chatOf(server.baseUrl).stream({ message: 'Hi' })) if (event.type === 'delta') break
    await closed
  })

  test('that breaks off or is silent for too long throws', async () => {
    await using server = await startScriptedServer(
      (response) => void open(response).end(opening),
      (response) => void open(response).write(opening),
    )
    const chat = chatOf(server.baseUrl)
    await expect(collect(chat.stream({ message: 'Hi' }))).rejects.toBeInstanceOf(ConnectionError)
    await expect(collect(chat.stream({ message: 'Hi' }, { timeoutMs: 50 }))).rejects.toBeInstanceOf(TimeoutError)
  })

  test('throws the reason of the signal that ends it', async () => {
    await using server = await startScriptedServer((response) => void open(response).write(opening))
    const controller = new AbortController()
    const reading = (async () => {
      for await (const event of chatOf(server.baseUrl).stream({ message: 'Hi' }, { signal: controller.signal })) {
        if (event.type === 'delta') controller.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toThrow('enough')
  })

  test('is opened again only where the server surely did not begin', async () => {
    const limited = json(429, { error: 'slow down', code: 'RATE_LIMITED' }, { 'retry-after': '1' })
    await using server = await startScriptedServer(limited, (response) => void open(response).end(whole))
    expect(await collect(chatOf(server.baseUrl).stream({ message: 'Hi' }))).toHaveLength(4)

    await using broken = await startScriptedServer(reset)
    await expect(collect(chatOf(broken.baseUrl).stream({ message: 'Hi' }))).rejects.toBeInstanceOf(ConnectionError)
    expect(broken.seen).toHaveLength(1)
  })
})

test('a message whose connection broke is sent again with the same Idempotency-Key', async () => {
  await using server = await startScriptedServer(reset, json(200, { reply: 'Hello' }))
  expect(await chatOf(server.baseUrl).send({ message: 'Hi' })).toEqual({ reply: 'Hello' })
  expect(server.seen[0]?.headers['idempotency-key']).toBe(server.seen[1]?.headers['idempotency-key'])
})
