import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { expectContract } from '../../contract/contract.ts'
import { voucherHeaders, wallet } from '../../contract/wallet.ts'
import { withEnv } from '../../contract/with-env.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { fakeMp3, startFakeSpeech, type FakeSpeech } from '../../fakes/speech.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { startTestServer, type Answer, type Caller, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const KEY = 'sk-fake-speech'
const asks = (content: string) => ({ messages: [{ role: 'user', content }] })

let server: TestServer
let provider: FakeOpenAi
let speech: FakeSpeech
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi({ models: ['fake-model'] })
  speech = await startFakeSpeech(KEY)
  server = await startTestServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    DEFAULT_MODEL: 'compatible/fake-model',
    OPENAI_BASE_URL: speech.url,
  })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
  await speech.close()
})

const call = (body: unknown, caller: Caller & { headers?: Record<string, string> } = account) =>
  server.call('POST', '/api/v1/gateway', { ...caller, body })

const AGENT_CALL = { plugin: 'agent', amountMicroUsd: 50_000 }
const HEARING = { plugin: 'stt', amountMicroUsd: 20_000 }

/** A new payment session of somebody else. */
async function sessionOf({ id, key }: TestAccount): Promise<string> {
  await payIn(server.platform, id, 2_000_000)
  const { body } = await server.call('POST', '/api/wallet/sessions', { key, body: { address: wallet.address, deposit: '1.00' } })
  return body.session.id
}

const usageOf = async ({ id }: TestAccount, kind: string) => {
  await flushUsage(server.platform)
  const { system } = server.platform.databases
  return system.selectFrom('usageEvents').where('accountId', '=', id).where('kind', '=', kind).orderBy('id').selectAll().execute()
}

describe('agent', () => {
  const commands = async (of: TestAccount, name: string) =>
    (await server.call('POST', '/api/agents/provision', { key: of.key, body: { name, model: 'local/commands' } })).body.agent

  test('lets an agent of the caller answer, which remembers it', async () => {
    const owner = await server.createAccount()
    const [, second] = [await commands(owner, 'First'), await commands(owner, 'Second')]
    const answer = await call({ agentId: second.id, ...asks('remember berth is 14') }, owner)
    expect(answer).toMatchObject({ status: 200, body: { plugin: 'agent', data: { agentId: second.id, model: 'local/commands' } } })
    expectContract('routeGatewayRequest', answer)
    const recalled = await call({ agentId: second.id, ...asks('recall berth') }, owner)
    expect(recalled.body.message).toContain('14')
    const { messages } = (await server.call('GET', `/api/agents/${second.id}/messages`, owner)).body
    expect(messages).toHaveLength(4)
    expect(messages[0].content).toBe(recalled.body.message)
  })

  test('is told the last thing the user said', async () => {
    const owner = await server.createAccount()
    await commands(owner, 'Only')
    const messages = [
      { role: 'user', content: 'calculate 1 + 1' },
      { role: 'assistant', content: '2' },
      { role: 'user', content: 'calculate 20 + 22' },
      { role: 'assistant', content: 'Well …' },
    ]
    expect((await call({ messages }, owner)).body.message).toContain('42')
  })

  test('has an assistant answer who has no agent', async () => {
    const answer = await call(asks('Who are you?'), await server.createAccount())
    expect(answer).toMatchObject({ status: 200, body: { message: 'Echo: Who are you?', data: { model: 'compatible/fake-model' } } })
    expect(provider.requests.at(-1)!.body!.messages[0]).toMatchObject({ role: 'system', content: expect.stringContaining('assistant') })
  })

  test('tells who has agents that none of them runs', async () => {
    const owner = await server.createAccount()
    const agent = await commands(owner, 'Asleep')
    await server.call('POST', `/api/agents/${agent.id}/stop`, { key: owner.key })
    const asked = provider.requests.length
    expect(await call(asks('Who are you?'), owner)).toMatchObject({ status: 404, body: { error: 'not_found', code: 'AGENT_NOT_FOUND' } })
    expect(provider.requests).toHaveLength(asked)
    expect(await call({ agentId: agent.id, ...asks('Who are you?') }, owner)).toMatchObject({
      status: 404,
      body: { error: 'not_found', code: 'AGENT_NOT_RUNNING' },
    })
  })

  test('does not take the owner of a session for the caller', async () => {
    const owner = await server.createAccount()
    const agent = await commands(owner, 'Private')
    const sessionId = await sessionOf(owner)
    const headers = await voucherHeaders(sessionId, AGENT_CALL)
    expect(await call(asks('Who are you?'), { headers })).toMatchObject({ status: 200, body: { message: 'Echo: Who are you?' } })
    const again = { headers: await voucherHeaders(sessionId, AGENT_CALL) }
    const named = await call({ agentId: agent.id, ...asks('Who are you?') }, again)
    expect(named).toMatchObject({ status: 404, body: { error: 'not_found', code: 'AGENT_NOT_FOUND' } })
    expect((await server.call('GET', `/api/agents/${agent.id}/messages`, owner)).body.total).toBe(0)
  })

  test('answers for credits when the account has no plan any more', async () => {
    const owner = await server.createAccount()
    const agent = await commands(owner, 'Paid')
    await payIn(server.platform, owner.id, 100_000)
    await withEnv(server, { STRIPE_SECRET_KEY: 'sk_test_x' }, async () => {
      await setAccount(server, owner.id, { trialEndsAt: LONG_AGO })
      expect((await server.call('POST', '/api/chat', { key: owner.key, body: { message: 'help' } })).status).toBe(402)
      const answer = await call({ agentId: agent.id, ...asks('calculate 2 + 2') }, owner)
      expect(answer).toMatchObject({ status: 200, body: { message: expect.stringContaining('4') } })
      expect(await bookOf(server.platform, `credits:${owner.id}`)).toBe(50_000)
    })
  })
})

describe('generate-text', () => {
  const generate = (body: Record<string, unknown>) => call({ plugin: 'generate-text', ...body })

  test('goes on with the conversation on the model that was asked for', async () => {
    const messages = [
      { role: 'system', content: 'Answer in rhymes.' },
      { role: 'user', content: 'Name a boat.' },
    ]
    const answer = await generate({ messages, model: 'compatible/fake-model' })
    expect(answer.body).toMatchObject({
      message: 'Echo: Name a boat.',
      data: { model: 'compatible/fake-model', usage: { inputTokens: 6, outputTokens: 4 } },
    })
    expect(provider.requests.at(-1)!.body).toMatchObject({ messages, max_tokens: 2048 })
    const [row] = await server.platform.databases.system
      .selectFrom('gatewayCalls')
      .where('accountId', '=', account.id)
      .orderBy('id', 'desc')
      .selectAll()
      .execute()
    expect(row).toMatchObject({ plugin: 'generate-text', model: 'compatible/fake-model', inputTokens: 6, outputTokens: 4, isPaid: true })
  })

  test('says so when there is no such model', async () => {
    expect(await generate({ ...asks('Hm?'), model: 'local/nothing' })).toMatchObject({ status: 404, body: { error: 'not_found' } })
  })

  test('is cut off at the model when the caller goes away', async () => {
    const payer = await server.createAccount()
    provider.script({ kind: 'hang', gate: createGate() })
    const gone = new AbortController()
    const count = provider.requests.length
    const calling = fetch(`${server.url}/api/v1/gateway`, {
      method: 'POST',
      headers: { authorization: `Bearer ${payer.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plugin: 'generate-text', ...asks('Hm?') }),
      signal: gone.signal,
    })
    const { disconnected } = await provider.request(count)
    gone.abort()
    await expect(calling).rejects.toThrow(/abort/)
    await disconnected
    await expect.poll(() => outcomesOf(payer)).toEqual([{ outcome: 'aborted', isPaid: false }])
  })
})

const outcomesOf = ({ id }: TestAccount) =>
  server.platform.databases.system.selectFrom('gatewayCalls').where('accountId', '=', id).select(['outcome', 'isPaid']).execute()

describe('tts with the voice inside the server', () => {
  const say = (body: Record<string, unknown>) => call({ plugin: 'tts', ...body })

  test('makes a WAV file one can hear', async () => {
    const answer = await say({ text: 'Berths three and fourteen are free.' })
    expect(answer).toMatchObject({ status: 200, body: { plugin: 'tts', message: 'Berths three and fourteen are free.' } })
    expectContract('routeGatewayRequest', answer)
    const { audio, ...about } = answer.body.data
    const wav = Buffer.from(audio, 'base64')
    expect(about).toEqual({ format: 'wav', voice: 'slt', bytes: wav.length })
    expect([wav.toString('latin1', 0, 4), wav.toString('latin1', 8, 16)]).toEqual(['RIFF', 'WAVEfmt '])
    const samples = new Int16Array(new Uint8Array(wav.subarray(44)).buffer)
    const seconds = samples.length / wav.readUInt32LE(24)
    expect(seconds).toBeGreaterThan(1.5)
    expect(seconds).toBeLessThan(4)
    expect(samples.filter((sample) => Math.abs(sample) > 1000).length / samples.length).toBeGreaterThan(0.1)
  })

  test.each(['rms', 'awb', 'kal16', 'kal'])('has the voice %s too', async (voice) => {
    const [mine, first] = [await say({ text: 'Hello.', voice }), await say({ text: 'Hello.' })]
    expect(mine.body.data.voice).toBe(voice)
    expect(mine.body.data.audio).not.toBe(first.body.data.audio)
  })

  test('names its voices to whoever asks for another', async () => {
    const answer = await say({ text: 'Hello.', voice: 'alloy' })
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'invalid_input', message: expect.stringContaining('slt, rms, awb, kal16, kal') },
    })
  })

  test('speaks several texts at once while the server goes on', async () => {
    const texts = ['One.', 'Two.', 'Three.', 'Four.']
    const spoken = Promise.all(texts.map((text) => say({ text })))
    const { status } = await server.call('GET', '/api/health')
    expect(status).toBe(200)
    expect((await spoken).map(({ body }) => body.message)).toEqual(texts)
  })

  test('takes what looks like an option of the program for text', async () => {
    expect(await say({ text: '--help -o /tmp/x' })).toMatchObject({ status: 200, body: { data: { format: 'wav' } } })
  })
})

describe('tts with a model', () => {
  const say = (body: Record<string, unknown>, caller = account) =>
    withEnv(server, { SPEECH_MODEL: 'openai/gpt-4o-mini-tts', OPENAI_API_KEY: KEY }, () => call({ plugin: 'tts', ...body }, caller))

  test('asks it for MP3 and counts the call', async () => {
    const caller = await server.createAccount()
    const answer = await say({ text: 'All aboard!', voice: 'nova' }, caller)
    expect(answer.body.data).toEqual({ audio: fakeMp3.toString('base64'), format: 'mp3', voice: 'nova', bytes: fakeMp3.length })
    expect(speech.requests.at(-1)!.fields).toEqual({
      model: 'gpt-4o-mini-tts',
      input: 'All aboard!',
      voice: 'nova',
      response_format: 'mp3',
    })
    expect(await usageOf(caller, 'speech')).toMatchObject([{ provider: 'openai', model: 'openai/gpt-4o-mini-tts', outcome: 'ok' }])
    expect((await say({ text: 'Hm?' })).body.data.voice).toBe('alloy')
    expect(await say({ text: 'Hm?', voice: 'slt' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('alloy') } })
  })

  test('says which variable is wrong when the model has no provider', async () => {
    await withEnv(server, { SPEECH_MODEL: 'anthropic/claude', OPENAI_API_KEY: KEY }, async () => {
      const answer = await call({ plugin: 'tts', text: 'Hm?' })
      expect(answer).toMatchObject({ status: 503, body: { error: 'unavailable', message: expect.stringContaining('SPEECH_MODEL') } })
    })
  })

  test('does not take anything for sound', async () => {
    speech.script({ kind: 'garbage' })
    expect(await say({ text: 'Hm?' })).toMatchObject({ status: 502, body: { error: 'upstream', message: expect.stringContaining('MP3') } })
  })
})

describe('stt', () => {
  const wav = Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(400)])
  const starts: Record<string, Buffer> = {
    wav,
    mp3: fakeMp3,
    ogg: Buffer.from('OggS\0\x02 and so on', 'latin1'),
    webm: Buffer.from('\x1a\x45\xdf\xa3\x9f and so on', 'latin1'),
    m4a: Buffer.from('\0\0\0\x20ftypM4A and so on', 'latin1'),
    flac: Buffer.from('fLaC\0\0\0\x22 and so on', 'latin1'),
  }
  const listen = (audio: Buffer, caller: Caller = account, more: Record<string, string> = {}): Promise<Answer> =>
    withEnv(server, { OPENAI_API_KEY: KEY, ...more }, () => call({ plugin: 'stt', audio: audio.toString('base64') }, caller))

  test.each(Object.entries(starts))('sends %s as the kind of file it is', async (format, audio) => {
    const answer = await listen(audio)
    expect(answer).toMatchObject({ status: 200, body: { plugin: 'stt', data: { model: 'openai/whisper-1', format } } })
    expectContract('routeGatewayRequest', answer)
    const { fields } = speech.requests.at(-1)!
    expect(fields).toMatchObject({ model: 'whisper-1', response_format: 'json', file: { name: `audio.${format}`, bytes: audio.length } })
  })

  test('answers with what was said, and counts the call and its tokens', async () => {
    const caller = await server.createAccount()
    speech.script({ kind: 'transcript', text: 'Which berths are free?', usage: { type: 'tokens', input_tokens: 14, output_tokens: 5 } })
    const answer = await listen(wav, caller, { TRANSCRIPTION_MODEL: 'openai/gpt-4o-transcribe' })
    expect(answer.body).toMatchObject({ message: 'Which berths are free?', data: { model: 'openai/gpt-4o-transcribe' } })
    expect(await usageOf(caller, 'transcription')).toMatchObject([
      { model: 'openai/gpt-4o-transcribe', outcome: 'ok', inputTokens: 14, outputTokens: 5 },
    ])
  })

  test.each([null, {}, { type: 'duration', seconds: 3 }, { input_tokens: -1 }])(
    'answers with what was said when its usage is %j',
    async (usage) => {
      const caller = await server.createAccount()
      speech.script({ kind: 'transcript', text: 'Which berths are free?', usage })
      expect(await listen(wav, caller)).toMatchObject({ status: 200, body: { message: 'Which berths are free?' } })
      expect(await usageOf(caller, 'transcription')).toMatchObject([{ outcome: 'ok', inputTokens: null, outputTokens: null }])
    },
  )

  test('fails with the status of an error that came as an answer', async () => {
    speech.script({ kind: 'json', body: { error: { message: 'Come back later', code: 429 } } })
    expect(await listen(wav)).toMatchObject({
      status: 429,
      body: { error: 'rate_limited', message: expect.stringContaining('Come back later') },
    })
  })

  test('says what to set where no model listens', async () => {
    const missing = await call({ plugin: 'stt', audio: wav.toString('base64') })
    expect(missing).toMatchObject({ status: 503, body: { error: 'unavailable', message: expect.stringContaining('OPENAI_API_KEY') } })
    const wrong = await listen(wav, account, { TRANSCRIPTION_MODEL: 'anthropic/claude' })
    expect(wrong).toMatchObject({ status: 503, body: { message: expect.stringContaining('TRANSCRIPTION_MODEL') } })
  })

  test.each([
    [429, 429, 'rate_limited', 'too many requests'],
    [500, 502, 'upstream', 'fault'],
    [401, 502, 'upstream', 'API key was refused'],
  ])('takes nothing when the provider answers %i', async (status, told, error, words) => {
    const owner = await server.createAccount()
    const sessionId = await sessionOf(owner)
    const headers = await voucherHeaders(sessionId, HEARING)
    speech.script({ kind: 'status', status })
    const answer = await listen(wav, { headers } as Caller)
    expect(answer).toMatchObject({ status: told, body: { error, message: expect.stringContaining(words) } })
    expect(answer.headers.has('payment-receipt')).toBe(false)
    const { body } = await server.call('GET', `/api/wallet/sessions?sessionId=${sessionId}`, { key: owner.key })
    expect(JSON.stringify(body)).toContain('"remaining":"1.00"')
  })

  test('takes nothing when the provider answers something else', async () => {
    speech.script({ kind: 'garbage' })
    expect(await listen(wav)).toMatchObject({
      status: 502,
      body: { error: 'upstream', message: expect.stringContaining('cannot be read') },
    })
  })

  test('waits no longer for the provider than MODEL_TIMEOUT_SECONDS, and counts that too', async () => {
    const caller = await server.createAccount()
    speech.script({ kind: 'hang', gate: createGate() })
    const answer = await listen(wav, caller, { MODEL_TIMEOUT_SECONDS: '1' })
    expect(answer).toMatchObject({ status: 502, body: { code: 'MODEL_TIMEOUT', message: expect.stringContaining('1 s') } })
    expect(await usageOf(caller, 'transcription')).toMatchObject([{ outcome: 'failed' }])
    expect(await outcomesOf(caller)).toEqual([{ outcome: 'failed', isPaid: false }])
  })

  test('stops listening when the caller goes away', async () => {
    const caller = await server.createAccount()
    speech.script({ kind: 'hang', gate: createGate() })
    await withEnv(server, { OPENAI_API_KEY: KEY }, async () => {
      const gone = new AbortController()
      const count = speech.requests.length
      const calling = fetch(`${server.url}/api/v1/gateway`, {
        method: 'POST',
        headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json', 'x-plugin-id': 'stt' },
        body: JSON.stringify({ audio: wav.toString('base64') }),
        signal: gone.signal,
      })
      const { disconnected } = await speech.request(count)
      gone.abort()
      await expect(calling).rejects.toThrow(/abort/)
      await disconnected
    })
    await expect.poll(() => outcomesOf(caller)).toEqual([{ outcome: 'aborted', isPaid: false }])
    expect(await usageOf(caller, 'transcription')).toMatchObject([{ outcome: 'aborted' }])
  })

  test('refuses sound beyond what a request may hold', async () => {
    expect((await listen(Buffer.concat([wav, Buffer.alloc(1_000_000)]))).status).toBe(413)
  })
})
