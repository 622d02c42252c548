import { describe, expect, test } from 'vitest'
import {
  AgentbotError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  PaymentRequiredError,
  PermissionError,
  RateLimitError,
  ServerError,
  TimeoutError,
} from '../../sdk/src/index.ts'
import { sleep, type Call } from '../../sdk/src/http.ts'
import { createConnection, json, reset, startScriptedServer } from './scripted-server.ts'

const get: Call = { method: 'GET', path: '/api/agents' }
const post: Call = { method: 'POST', path: '/api/agents', body: { name: 'Atlas' } }
const unavailable = json(503, { error: 'busy' })
const ok = json(200, { ok: true })

describe('a call', () => {
  test('sends credential, query and body, and gives the JSON of the answer', async () => {
    await using server = await startScriptedServer(ok)
    const { connection } = createConnection(server.baseUrl)
    expect(await connection.request({ ...post, query: { limit: 5, topic: 'a&b', agentId: undefined } })).toEqual({ ok: true })
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/api/agents?limit=5&topic=a%26b', body: { name: 'Atlas' } })
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer sk_test',
      accept: 'application/json',
      'content-type': 'application/json',
    })
  })

  test('has an Idempotency-Key of its own when it is a POST, and none otherwise', async () => {
    await using server = await startScriptedServer(ok)
    const { connection } = createConnection(server.baseUrl)
    await connection.request(post)
    await connection.request(post)
    await connection.request({ ...post, idempotencyKey: 'mine' })
    await connection.request(get)
    const [first, second, third, fourth] = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).not.toBe(first)
    expect(third).toBe('mine')
    expect(fourth).toBeUndefined()
  })

  test('that answers with something other than JSON names the likely reason', async () => {
    await using server = await startScriptedServer((response) => response.end('<html>'))
    const { connection } = createConnection(server.baseUrl)
    await expect(connection.request(get)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER', message: expect.stringContaining('baseUrl') })
  })
})

describe('retries', () => {
  test('stop at the first success, with the same Idempotency-Key over all tries', async () => {
    await using server = await startScriptedServer(unavailable, reset, ok)
    const { connection, slept } = createConnection(server.baseUrl)
    expect(await connection.request(post)).toEqual({ ok: true })
    expect(new Set(server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(slept).toEqual([250, 500])
  })

  test('give up after maxRetries with the last failure', async () => {
    await using server = await startScriptedServer(unavailable)
    const { connection } = createConnection(server.baseUrl)
    await expect(connection.request(get)).rejects.toBeInstanceOf(ServerError)
    expect(server.seen).toHaveLength(3)
    await expect(connection.request({ ...get, maxRetries: 0 })).rejects.toBeInstanceOf(ServerError)
    expect(server.seen).toHaveLength(4)
  })

  test('wait as long as the server asks', async () => {
    const limited = json(429, { error: 'slow down', code: 'RATE_LIMITED', retryAfterSeconds: 9 }, { 'retry-after': '9' })
    await using server = await startScriptedServer(limited, ok)
    const { connection, slept } = createConnection(server.baseUrl, {}, 0)
    await connection.request(get)
    expect(slept).toEqual([9_000])
  })

  test('do not happen where the server asks for too long a wait', async () => {
    await using server = await startScriptedServer(json(429, { error: 'slow down', code: 'RATE_LIMITED' }, { 'retry-after': '900' }))
    const { connection, slept } = createConnection(server.baseUrl)
    await expect(connection.request(get)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 900 })
    expect(slept).toEqual([])
  })

  test('end when the caller aborts during the wait', async () => {
    await using server = await startScriptedServer(json(503, { error: 'busy' }, { 'retry-after': '30' }))
    const controller = new AbortController()
    const { connection } = createConnection(server.baseUrl, {
      sleep: (ms, signal) => {
        queueMicrotask(() => controller.abort(new Error('enough')))
        return sleep(ms, signal)
      },
    })
    await expect(connection.request({ ...get, signal: controller.signal })).rejects.toThrow('enough')
    expect(server.seen).toHaveLength(1)
  })
})

describe('time-outs', () => {
  test('are per try, and a try that took too long is made again', async () => {
    await using server = await startScriptedServer(() => undefined, ok)
    const { connection } = createConnection(server.baseUrl, { timeoutMs: 500 })
    expect(await connection.request(post)).toEqual({ ok: true })
    expect(server.seen).toHaveLength(2)
  })

  test('cover the body as well as the headers', async () => {
    await using server = await startScriptedServer((response) => void response.writeHead(200).write('{'))
    const { connection } = createConnection(server.baseUrl)
    const call = connection.request({ ...get, timeoutMs: 30, maxRetries: 0 })
    await expect(call).rejects.toBeInstanceOf(TimeoutError)
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT', message: 'No answer within 30 ms.' })
  })

  test('an aborted call throws the reason of its signal and is not tried again', async () => {
    const controller = new AbortController()
    await using server = await startScriptedServer(() => controller.abort(new Error('enough')))
    const { connection } = createConnection(server.baseUrl)
    await expect(connection.request({ ...get, signal: controller.signal })).rejects.toThrow('enough')
    await expect(connection.request({ ...get, signal: controller.signal })).rejects.toThrow('enough')
    expect(server.seen).toHaveLength(1)
  })
})

describe('errors', () => {
  test.each([
    [400, InvalidRequestError],
    [401, AuthenticationError],
    [402, PaymentRequiredError],
    [403, PermissionError],
    [404, NotFoundError],
    [409, ConflictError],
    [418, AgentbotError],
    [429, RateLimitError],
    [500, ServerError],
    [502, ServerError],
  ])('of status %i are of the class that goes with it', async (status, ErrorClass) => {
    const body = { error: 'What happened.', code: 'A_CODE', fields: [{ field: 'name', message: 'expected a name' }] }
    await using server = await startScriptedServer(json(status, body, { 'x-request-id': 'req_1' }))
    const { connection } = createConnection(server.baseUrl)
    const error = await connection.request(get).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ErrorClass)
    expect(error).toBeInstanceOf(AgentbotError)
    expect(error).toMatchObject({ status, code: 'A_CODE', message: 'What happened.', requestId: 'req_1', details: { fields: body.fields } })
  })

  test('without a JSON body still say the status', async () => {
    await using server = await startScriptedServer((response) => void response.writeHead(500).end('oops'))
    const { connection } = createConnection(server.baseUrl)
    await expect(connection.request(get)).rejects.toMatchObject({
      code: 'HTTP_500',
      message: 'The server answered 500.',
      requestId: undefined,
    })
  })

  test('of the network say what the network said', async () => {
    const { connection } = createConnection('http://127.0.0.1:1')
    const error = await connection.request({ ...get, maxRetries: 0 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', status: undefined, cause: expect.any(TypeError) })
  })
})
