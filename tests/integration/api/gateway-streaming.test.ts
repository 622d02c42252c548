import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { voucherHeaders, wallet } from '../../contract/wallet.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const text = { plugin: 'generate-text', messages: [{ role: 'user', content: 'Name two berths.' }] }

let server: TestServer
let provider: FakeOpenAi
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi({ models: ['fake-model'] })
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url, DEFAULT_MODEL: 'compatible/fake-model' })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const stream = (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${account.key}` }, signal?: AbortSignal) =>
  fetch(`${server.url}/api/v1/gateway`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })

/** The `data:` lines of an answer as they arrive; there are no others. */
async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop()!
    for (const event of events) {
      expect(event).toMatch(/^data: /)
      yield event.slice('data: '.length)
    }
  }
  expect(rest).toBe('')
}

async function openSession(): Promise<{ headers: Record<string, string>; remaining: () => Promise<string> }> {
  const { id, key } = await server.createAccount()
  await payIn(server.platform, id, 1_000_000)
  const { body } = await server.call('POST', '/api/wallet/sessions', { key, body: { address: wallet.address, deposit: '1.00' } })
  const sessionId = body.session.id as string
  return {
    headers: await voucherHeaders(sessionId, { plugin: 'generate-text', amountMicroUsd: 10_000 }),
    remaining: async () => {
      const answer = await server.call('GET', `/api/wallet/sessions?sessionId=${sessionId}`, { key })
      return /"remaining":"([\d.]+)"/.exec(JSON.stringify(answer.body))![1]!
    },
  }
}

const callsOf = ({ id }: TestAccount) =>
  server.platform.databases.system.selectFrom('gatewayCalls').where('accountId', '=', id).selectAll().execute()

describe('a stream', () => {
  test('is pieces of the answer, then the whole with what it cost, then [DONE]', async () => {
    provider.script({ kind: 'text', text: ['Three ', 'and ', 'fourteen.'] })
    const response = await stream(text)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('x-plugin-id')).toBe('generate-text')
    const lines = await Array.fromAsync(linesOf(response))
    expect(lines.at(-1)).toBe('[DONE]')
    const events = lines.slice(0, -1).map((line) => JSON.parse(line))
    expect(events.slice(0, -1)).toEqual([{ text: 'Three ' }, { text: 'and ' }, { text: 'fourteen.' }])
    expect(events.at(-1)).toMatchObject({
      plugin: 'generate-text',
      message: 'Three and fourteen.',
      payment: { method: 'stripe', receipt: null },
      data: { model: 'compatible/fake-model', usage: { outputTokens: 3 } },
    })
  })

  test('sets aside what it costs before its first piece, and its headers say so', async () => {
    const { headers, remaining } = await openSession()
    const gate = createGate()
    const count = provider.requests.length
    provider.script({ kind: 'slow', chunks: ['Three ', 'and more.'], gate })
    const answering = stream(text, headers)
    await provider.request(count)
    gate.open()
    const response = await answering
    expect(response.headers.get('x-session-remaining')).toBe('0.99')
    expect(response.headers.get('payment-receipt')).toMatch(/^session:ses_/)
    gate.open()
    gate.open()
    const lines = await Array.fromAsync(linesOf(response))
    expect(JSON.parse(lines.at(-2)!).payment).toEqual({ method: 'session', receipt: response.headers.get('payment-receipt') })
    expect(await remaining()).toBe('0.99')
  })

  test('costs nothing when it fails before its first piece', async () => {
    const { headers, remaining } = await openSession()
    provider.script({ kind: 'status', status: 429 })
    const response = await stream(text, headers)
    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({ error: 'rate_limited', message: expect.stringContaining('429') })
    expect(await remaining()).toBe('1.00')
  })

  test('says that it failed after its first piece, and costs nothing', async () => {
    const caller = await server.createAccount()
    provider.script({ kind: 'cut', text: 'Three ' })
    const lines = await Array.fromAsync(linesOf(await stream(text, { authorization: `Bearer ${caller.key}` })))
    expect(JSON.parse(lines[0]!)).toEqual({ text: 'Three ' })
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      error: 'upstream',
      code: 'MODEL_FAILED',
      message: expect.stringContaining('Nothing was taken for this call.'),
      payment: { method: 'stripe', receipt: null, isCharged: false },
    })
    expect(await callsOf(caller)).toMatchObject([{ outcome: 'failed', isPaid: false, errorCode: 'MODEL_FAILED' }])
  })

  test('ends the work when its reader goes away', async () => {
    const caller = await server.createAccount()
    const gone = new AbortController()
    const gate = createGate()
    const count = provider.requests.length
    provider.script({ kind: 'slow', chunks: ['Three ', 'and more.'], gate })
    const answering = stream(text, { authorization: `Bearer ${caller.key}` }, gone.signal)
    const { disconnected } = await provider.request(count)
    gate.open()
    await linesOf(await answering).next()
    gone.abort()
    await disconnected
    await expect.poll(() => callsOf(caller)).toMatchObject([{ outcome: 'aborted', isPaid: true }])
  })

  test('is not what a plugin gives that cannot stream, whatever the caller accepts', async () => {
    const response = await stream({ plugin: 'tts', text: 'Hello.' })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ plugin: 'tts', data: { format: 'wav' } })
    expect((await stream({ plugin: 'nothing' })).status).toBe(502)
  })
})

describe('the agent in a stream', () => {
  test('is the agent of the caller, or the assistant', async () => {
    const owner = await server.createAccount()
    const headers = { authorization: `Bearer ${owner.key}` }
    const ask = async () => {
      const lines = await Array.fromAsync(linesOf(await stream({ messages: [{ role: 'user', content: 'calculate 20 + 22' }] }, headers)))
      const whole = JSON.parse(lines.at(-2)!)
      const pieces = lines.slice(0, -2).map((line) => JSON.parse(line).text)
      expect(pieces.join('')).toBe(whole.message)
      return whole
    }
    expect(await ask()).toMatchObject({ message: 'Echo: calculate 20 + 22', data: { model: 'compatible/fake-model' } })
    const body = { name: 'Night Clerk', model: 'local/commands' }
    const { agent } = (await server.call('POST', '/api/agents/provision', { key: owner.key, body })).body
    expect(await ask()).toMatchObject({ message: expect.stringContaining('42'), data: { agentId: agent.id } })
  })
})

describe('the other transports', () => {
  test('stream the same events', async () => {
    const { key } = account
    for (const { status, text: sent } of [
      await callTrpc(server, operations.gateway.stream, text, { key }),
      await callGraphql(server, operations.gateway.stream, text, { key }),
    ]) {
      expect(status).toBe(200)
      expect(sent).toContain('Echo: Name two berths.')
      expect(sent).toContain('stripe')
    }
  })

  test('give a plugin that cannot stream in one event', async () => {
    const { status, text: sent } = await callTrpc(server, operations.gateway.stream, { plugin: 'tts', text: 'Hello.' }, account)
    expect(status).toBe(200)
    expect(sent).toContain('"format":"wav"')
  })

  test('refuse with the code of the gateway', async () => {
    for (const outcome of [
      await callTrpc(server, operations.gateway.stream, text, {}),
      await callGraphql(server, operations.gateway.stream, text, {}),
    ])
      expect(outcome).toMatchObject({ status: expect.any(Number), code: 'PAYMENT_REQUIRED', details: { stripe: { amount: '0.01' } } })
  })
})
