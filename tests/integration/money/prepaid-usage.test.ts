import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { historyTypedData } from '../../../server/money/payments/voucher-signature.rules.ts'
import { voucherHeaders, wallet } from '../../contract/wallet.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { payIn } from '../../helpers/ledger.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What was called is found again: in the usage of the account that called, else of the one whose session paid, and in the
// history of the session for whoever has its wallet.

const TEMPO_MAIN = 4217
const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }
const question = { plugin: 'generate-text', model: 'compatible/priced', messages: [{ role: 'user', content: 'Name a knot' }] }

let provider: FakeOpenAi
let server: TestServer
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url, MODEL_PRICES: 'compatible/priced=1/2' })
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

async function openSession(): Promise<{ owner: TestAccount; sessionId: string }> {
  const owner = await server.createAccount()
  await payIn(server.platform, owner.id, 1_000_000)
  const { body } = await server.call('POST', '/api/wallet/sessions', { key: owner.key, body: { address: wallet.address, deposit: '1.00' } })
  return { owner, sessionId: body.session.id }
}

const signed = (sessionId: string) => voucherHeaders(sessionId, { plugin: 'generate-text', amountMicroUsd: 10_000 })
const sign = (sessionId: string) => wallet.signTypedData(historyTypedData(sessionId, TEMPO_MAIN))

async function ask(headers: Record<string, string>, key?: string) {
  provider.script({ kind: 'text', text: 'Bowline.', usage })
  const answer = await server.call('POST', '/api/v1/gateway', { body: question, headers, ...(key ? { key } : {}) })
  expect(answer.status).toBe(200)
  return answer.body
}

const usageOf = async ({ key }: TestAccount) => (await server.call('GET', '/api/usage/by-model', { key })).body
const callsOf = (query: string, key?: string) => server.call('GET', `/api/v1/gateway/calls${query}`, key ? { key } : {})
const row = { model: 'compatible/priced', total_tokens: 1100, cost_usd: 0.0012, turns: 1 }

describe('a call paid by session', () => {
  test('is in the usage of its caller, and not in that of who opened the session', async () => {
    const { owner, sessionId } = await openSession()
    const caller = await server.createAccount()
    await ask(await signed(sessionId), caller.key)
    expect(await usageOf(caller)).toMatchObject([row])
    expect(await usageOf(owner)).toEqual([])
  })

  test('of the account that opened it is in its usage', async () => {
    const { owner, sessionId } = await openSession()
    await ask({ 'x-session-id': sessionId, 'x-wallet-address': wallet.address }, owner.key)
    expect(await usageOf(owner)).toMatchObject([row])
  })

  test('by nobody who is signed in is in the usage of the account that opened the session', async () => {
    const { owner, sessionId } = await openSession()
    await ask(await signed(sessionId))
    expect(await usageOf(owner)).toMatchObject([row])
    expect((await server.call('GET', '/api/usage/daily', { key: owner.key })).body).toMatchObject([{ total_tokens: 1100, turns: 1 }])
  })

  test('counts against no limit of the account', async () => {
    const { owner, sessionId } = await openSession()
    await ask({ 'x-session-id': sessionId, 'x-wallet-address': wallet.address }, owner.key)
    await usageOf(owner)
    const months = await server.platform.databases.system.selectFrom('usageMonths').where('accountId', '=', owner.id).selectAll().execute()
    expect(months).toEqual([])
  })
})

describe('the history of calls', () => {
  test('of a session is shown to its owner and to whoever has its wallet, and to nobody else', async () => {
    const { owner, sessionId } = await openSession()
    const { payment } = await ask(await signed(sessionId))
    const call = {
      plugin: 'generate-text',
      payment,
      sessionId,
      priceUsd: '0.01',
      isCharged: true,
      outcome: 'answered',
      model: 'compatible/priced',
      inputTokens: 1000,
      outputTokens: 100,
    }
    for (const { status, body } of [
      await callsOf(`?sessionId=${sessionId}&historySignature=${await sign(sessionId)}`),
      await callsOf(`?sessionId=${sessionId}`, owner.key),
    ]) {
      expect(status).toBe(200)
      expect(body.calls).toMatchObject([call])
    }
    const stranger = await server.createAccount()
    const other = await openSession()
    for (const refused of [
      await callsOf(`?sessionId=${sessionId}`),
      await callsOf(`?sessionId=${sessionId}`, stranger.key),
      await callsOf(`?sessionId=${sessionId}&historySignature=${await sign(other.sessionId)}`),
      await callsOf(`?sessionId=ses_nothing&historySignature=${await sign('ses_nothing')}`),
    ])
      expect(refused).toMatchObject({ status: 404, body: { code: 'SESSION_NOT_FOUND' } })
    expect((await callsOf(`?sessionId=${other.sessionId}`, other.owner.key)).body).toEqual({ calls: [] })
  })

  test('has calls that failed and cost nothing', async () => {
    const { sessionId } = await openSession()
    // Speech to text is not set up here.
    const headers = await voucherHeaders(sessionId, { plugin: 'stt', amountMicroUsd: 20_000 })
    await server.call('POST', '/api/v1/gateway', { body: { plugin: 'stt', audio: 'AAAA' }, headers })
    const { body } = await callsOf(`?sessionId=${sessionId}&historySignature=${await sign(sessionId)}`)
    expect(body.calls).toMatchObject([{ sessionId, isCharged: false, outcome: 'failed', payment: { method: 'session', receipt: null } }])
  })

  test('of an account is its own calls, however they were paid, page by page in GraphQL', async () => {
    const { sessionId } = await openSession()
    const caller = await server.createAccount()
    await ask({}, caller.key)
    await ask(await signed(sessionId), caller.key)
    const { body } = await callsOf('', caller.key)
    expect(body.calls.map(({ payment }: { payment: { method: string } }) => payment.method)).toEqual(['session', 'stripe'])
    const query = '{ gatewayCalls(first: 1) { totalCount pageInfo { hasNextPage } edges { node { id } } } }'
    expect((await server.graphql(query, {}, { key: caller.key })).body.data.gatewayCalls).toEqual({
      totalCount: 2,
      pageInfo: { hasNextPage: true },
      edges: [{ node: { id: body.calls[0].id } }],
    })
    expect((await callsOf('')).status).toBe(401)
  })
})
