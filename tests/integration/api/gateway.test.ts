import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectContract } from '../../contract/contract.ts'
import { withEnv } from '../../contract/with-env.ts'
import { signVoucher, voucherHeaders, wallet } from '../../contract/wallet.ts'
import { startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { bookOf, payIn } from '../../helpers/ledger.ts'
import { LONG_AGO, setAccount } from '../../helpers/set-account.ts'
import { startTestServer, type Caller, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

const RECIPIENT = '0x52908400098527886E0F7030069857D2E4169EE7'
const USD = 1_000_000
const question = { messages: [{ role: 'user', content: 'Which berths are free?' }] }
const text = { plugin: 'generate-text', ...question }

let server: TestServer
let provider: FakeOpenAi
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi({ models: ['fake-model'] })
  server = await startTestServer({
    STRIPE_SECRET_KEY: 'sk_test_x',
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    DEFAULT_MODEL: 'compatible/fake-model',
    MODEL_PRICES: 'compatible/fake-model=5/25',
    MPP_RECIPIENT: RECIPIENT,
    TEMPO_RPC_URL: 'http://127.0.0.1:9',
    TEMPO_TESTNET: 'on',
  })
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const call = (body: unknown, { headers, ...caller }: Caller & { headers?: Record<string, string> } = {}) =>
  server.call('POST', '/api/v1/gateway', { body, ...caller, ...(headers ? { headers } : {}) })

/** An account without a plan, whose trial is over. */
async function accountWithout(creditsMicroUsd = 0): Promise<TestAccount> {
  const created = await server.createAccount()
  await setAccount(server, created.id, { trialEndsAt: LONG_AGO })
  if (creditsMicroUsd > 0) await payIn(server.platform, created.id, creditsMicroUsd)
  return created
}

const creditsOf = ({ id }: TestAccount) => bookOf(server.platform, `credits:${id}`)
const heldOf = ({ id }: TestAccount) => bookOf(server.platform, `held:${id}`)

const TEXT_CALL = { plugin: 'generate-text', amountMicroUsd: 10_000 }
const TESTNET = 42_431

/** Headers that pay for one call out of a new payment session with one dollar in it. */
async function openSession(): Promise<Record<string, string>> {
  const { id, key } = await server.createAccount()
  await payIn(server.platform, id, USD)
  const { body } = await server.call('POST', '/api/wallet/sessions', { key, body: { address: wallet.address, deposit: '1.00' } })
  return voucherHeaders(body.session.id, TEXT_CALL, TESTNET)
}

const callsOf = (accountId: string) =>
  server.platform.databases.system.selectFrom('gatewayCalls').where('accountId', '=', accountId).orderBy('id').selectAll().execute()

describe('what the gateway sells', () => {
  const sold = [
    { id: 'agent', priceUsd: '0.05', auth: false, streaming: true },
    { id: 'generate-text', priceUsd: '0.01', auth: false, streaming: true },
    { id: 'tts', priceUsd: '0.03', auth: false, streaming: false },
    { id: 'stt', priceUsd: '0.02', auth: false, streaming: false },
  ]

  test('is listed with its prices to anybody', async () => {
    const answer = await server.call('GET', '/api/v1/gateway')
    expect(answer).toMatchObject({ status: 200, body: { plugins: sold } })
    const { body } = await server.graphql('{ gatewayPlugins { id priceUsd auth streaming } }')
    expect(body.data.gatewayPlugins).toEqual(sold)
  })
})

describe('a call nobody pays for', () => {
  test.each([
    ['nobody is signed in', {}],
    ['mpp without a credential', { 'x-payment-method': 'mpp' }],
  ])('is told the price and how to pay: %s', async (_what, headers) => {
    const answer = await call({}, { headers: headers as Record<string, string> })
    expect(answer).toMatchObject({
      status: 402,
      body: {
        error: 'payment_required',
        message: 'This call costs 0.05 dollars.',
        code: 'PAYMENT_REQUIRED',
        mpp: { scheme: 'Payment', amount: '0.05', recipient: RECIPIENT, description: 'One agent call' },
        stripe: { amount: '0.05', currency: 'usd' },
      },
    })
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Payment amount="0\.05", currency="0x[0-9a-fA-F]{40}", recipient="0x[0-9a-fA-F]{40}"/,
    )
    expectContract('routeGatewayRequest', answer)
    expect(provider.requests.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('is told so in place of a stream too', async () => {
    const answer = await call(text, { headers: { accept: 'text/event-stream' } })
    expect(answer).toMatchObject({ status: 402, body: { error: 'payment_required', stripe: { amount: '0.01' } } })
    expect(answer.headers.get('www-authenticate')).toContain('amount="0.01"')
    expectContract('routeGatewayRequest', answer)
  })

  test('is told so when there is neither a plan nor enough credit', async () => {
    for (const credits of [0, 9_999]) {
      const poor = await accountWithout(credits)
      const answer = await call(text, poor)
      expect(answer).toMatchObject({ status: 402, body: { error: 'payment_required', stripe: { amount: '0.01' } } })
      expect(answer.body.message).toContain('balance')
      expectContract('routeGatewayRequest', answer)
      expect(await creditsOf(poor)).toBe(credits)
      expect(await callsOf(poor.id)).toEqual([])
    }
  })

  test('has no challenge where MPP is not set up', async () => {
    await withEnv(server, { MPP_RECIPIENT: '' }, async () => {
      const answer = await call(text, { headers: { 'x-payment-method': 'mpp' } })
      expect(answer).toMatchObject({ status: 402, body: { error: 'payment_required', message: expect.stringContaining('no MPP') } })
      expect(answer.body).not.toHaveProperty('mpp')
      expect(answer.headers.has('www-authenticate')).toBe(false)
    })
  })
})

describe('a plugin there is not', () => {
  test('is a 502 with the names of those there are', async () => {
    const answer = await call({ plugin: 'nothing', ...question }, account)
    expect(answer).toMatchObject({ status: 502, body: { error: 'no_plugin', message: expect.stringContaining('generate-text') } })
    expectContract('routeGatewayRequest', answer)
  })

  test('has no price, which is a 400 for a session', async () => {
    const answer = await call({ plugin: 'nothing', ...question }, { headers: await openSession() })
    expect(answer).toMatchObject({ status: 400, body: { error: 'unknown_plugin' } })
    expectContract('routeGatewayRequest', answer)
  })

  test('is looked for in the header first', async () => {
    const answer = await call({ ...text, plugin: 'nothing' }, { ...account, headers: { 'x-plugin-id': 'generate-text' } })
    expect(answer).toMatchObject({ status: 200, body: { plugin: 'generate-text' } })
    expect((await call(text, { ...account, headers: { 'x-plugin-id': 'nothing' } })).status).toBe(502)
  })
})

describe('who calls', () => {
  test.each([{ key: 'sk_q7Zd1xKexampleonly' }, { cookie: 'agentbot-session=nosuchsession' }])(
    'is 401 for a credential that is not good: %j',
    async (caller) => {
      const answer = await call(text, caller)
      expect(answer).toMatchObject({ status: 401, body: { error: 'Unauthorized', code: 'INVALID_CREDENTIAL' } })
      expect(answer.headers.get('www-authenticate')).toBe('Bearer')
      expectContract('routeGatewayRequest', answer)
    },
  )

  test('needs the scope chat:write on its API key', async () => {
    const { body } = await server.call('POST', '/api/keys', { cookie: account.cookie, body: { name: 'reader', scopes: ['chat:read'] } })
    expect(await call(text, { key: body.key })).toMatchObject({ status: 403, body: { error: 'forbidden', code: 'SCOPE_REQUIRED' } })
  })

  test('is whom the cookie says when the Authorization header pays', async () => {
    const authorization = 'Payment {}'
    const { cookie, id } = account
    const answer = await server.call('GET', '/api/settings', { cookie, headers: { authorization } })
    expect(answer).toMatchObject({ status: 200, body: { id } })
    expect((await server.call('GET', '/api/settings', { headers: { authorization } })).status).toBe(401)
    const ended = await call(text, { cookie: 'agentbot-session=nosuchsession', headers: { authorization } })
    expect(ended).toMatchObject({ status: 402, body: { error: 'payment_required' } })
    const foreign = await call(text, { cookie, headers: { authorization, origin: 'https://evil.example' } })
    expect(foreign).toMatchObject({ status: 403, body: { code: 'CROSS_SITE_REQUEST' } })
  })

  test('is told to wait once the rate limit is used up', async () => {
    const slow = await startTestServer({ RATE_LIMIT_SCALE: '0.01' })
    const answers = [await slow.call('POST', '/api/v1/gateway', { body: {} }), await slow.call('POST', '/api/v1/gateway', { body: {} })]
    await slow.close()
    expect(answers.map(({ status }) => status)).toEqual([402, 429])
    expect(answers[1]!.body).toMatchObject({ error: 'rate_limited', message: expect.any(String), retryAfterSeconds: expect.any(Number) })
    expectContract('routeGatewayRequest', answers[1]!)
  })
})

describe('what is sent', () => {
  test.each([
    ['messages', text, { messages: [] }],
    ['messages', text, { messages: undefined }],
    ['messages', text, { messages: [{ role: 'assistant', content: 'Well?' }] }],
    ['messages', text, { messages: [{ role: 'user', content: 'x'.repeat(32_001) }] }],
    ['messages.0.role', text, { messages: [{ role: 'tool', content: 'x' }] }],
    ['model', text, { model: '' }],
    ['text', { plugin: 'tts' }, { text: ' ' }],
    ['text', { plugin: 'tts' }, { text: 'x'.repeat(4001) }],
    ['text', { plugin: 'tts' }, { text: '你好' }],
    ['voice', { plugin: 'tts', text: 'hello' }, { voice: 'nobody' }],
    ['audio', { plugin: 'stt' }, {}],
    ['audio', { plugin: 'stt' }, { audio: 'not base64!' }],
    ['audio', { plugin: 'stt' }, { audio: Buffer.from('a text').toString('base64') }],
  ])('is checked before anything is paid: %s of %j with %j', async (field, good, bad) => {
    const payer = await accountWithout(USD)
    const answer = await call({ ...good, ...bad }, payer)
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_input', code: 'INVALID_INPUT', fields: [{ field }] } })
    expect(answer.body.message).toContain(field)
    expect([await creditsOf(payer), await heldOf(payer)]).toEqual([USD, 0])
  })

  test.each([['X-Payment-Method', { 'x-payment-method': 'cash' }]])('names the header that is wrong: %s', async (field, headers) => {
    expect(await call(text, { headers })).toMatchObject({ status: 400, body: { error: 'invalid_input', fields: [{ field }] } })
  })

  test('has to be JSON, and an object', async () => {
    for (const body of ['{"messages":', '[]', '"hello"', 'null']) {
      const answer = await call(body, account)
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_input', message: expect.stringContaining('body') } })
    }
  })
})

describe('paying by stripe', () => {
  test('costs nothing more on a plan or a trial', async () => {
    const answer = await call(text, account)
    expect(answer).toMatchObject({
      status: 200,
      body: { plugin: 'generate-text', message: 'Echo: Which berths are free?', payment: { method: 'stripe', receipt: null } },
    })
    expect(answer.headers.get('x-plugin-id')).toBe('generate-text')
    expect(answer.headers.has('payment-receipt')).toBe(false)
    expectContract('routeGatewayRequest', answer)
    expect(await creditsOf(account)).toBe(0)
  })

  test('takes credits where there is no plan, once for an Idempotency-Key', async () => {
    const payer = await accountWithout(USD)
    const headers = { 'idempotency-key': 'once' }
    const first = await call(text, { key: payer.key, headers })
    const second = await call(text, { key: payer.key, headers })
    expect(first).toMatchObject({ status: 200, body: { payment: { method: 'stripe', receipt: null } } })
    expect(second).toMatchObject({ status: 200, body: first.body })
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect(second.headers.get('x-plugin-id')).toBe('generate-text')
    expect([await creditsOf(payer), await heldOf(payer)]).toEqual([USD - 10_000, 0])
    expect(await callsOf(payer.id)).toMatchObject([{ plugin: 'generate-text', method: 'stripe', isPaid: true, outcome: 'answered' }])
  })

  test('takes no credits for a call that failed', async () => {
    const payer = await accountWithout(USD)
    provider.script({ kind: 'status', status: 500 })
    const answer = await call(text, payer)
    expect(answer).toMatchObject({ status: 502, body: { error: 'upstream', message: expect.stringContaining('500') } })
    expect([await creditsOf(payer), await heldOf(payer)]).toEqual([USD, 0])
    expect(await callsOf(payer.id)).toMatchObject([
      { isPaid: false, outcome: 'failed', errorCode: 'MODEL_FAILED', priceMicroUsd: 10_000, receipt: null },
    ])
  })

  test('never lets a model cost more than the call brings in', async () => {
    const payer = await accountWithout(USD)
    expect((await call(text, payer)).status).toBe(200)
    // What is left of a cent after the question, at 25 dollars per million tokens.
    expect(provider.requests.at(-1)!.body!.max_tokens).toBe(398)
    const long = { ...text, model: 'compatible/fake-model', messages: [{ role: 'user', content: 'x'.repeat(8000) }] }
    expect(await call(long, payer)).toMatchObject({ status: 400, body: { error: 'invalid_input', fields: [{ field: 'messages' }] } })
    expect(await creditsOf(payer)).toBe(USD - 10_000)
    // A plan has limits of its own.
    expect((await call(long, account)).status).toBe(200)
  })

  test('lets two calls that race for the last credits have them once', async () => {
    const payer = await accountWithout(15_000)
    const answers = await Promise.all([call(text, payer), call(text, payer)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 402])
    expect(await creditsOf(payer)).toBe(5_000)
  })
})

describe('paying by session', () => {
  test('needs no sign-in and leaves a receipt', async () => {
    const headers = await openSession()
    const answer = await call(text, { headers })
    const receipt = expect.stringMatching(new RegExp(`^session:${headers['x-session-id']}:v_`))
    expect(answer).toMatchObject({ status: 200, body: { payment: { method: 'session', receipt } } })
    expect(answer.headers.get('payment-receipt')).toBe(answer.body.payment.receipt)
    expect(answer.headers.get('x-session-remaining')).toBe('0.99')
    expectContract('routeGatewayRequest', answer)
  })

  test.each([
    ['session_required', (good: Record<string, string>) => ({ 'x-session-id': good['x-session-id']! })],
    ['session_required', () => ({ 'x-payment-method': 'session' })],
    ['session_invalid', (good: Record<string, string>) => ({ ...good, 'x-session-id': 'ses_7710fa3c' })],
    ['session_invalid', (good: Record<string, string>) => ({ ...good, 'x-wallet-address': RECIPIENT })],
  ])('is refused as %s', async (error, headersOf) => {
    const answer = await call(text, { headers: headersOf(await openSession()) })
    expect(answer).toMatchObject({ status: 402, body: { error, message: expect.any(String), code: error.toUpperCase() } })
    expect(answer.headers.has('www-authenticate')).toBe(false)
    expectContract('routeGatewayRequest', answer)
  })

  test('is refused with what is left and what it costs once the session is used up', async () => {
    const headers = await openSession()
    await server.platform.databases.system
      .updateTable('paymentSessions')
      .set({ spentMicroUsd: USD - 9_000 })
      .where('id', '=', headers['x-session-id']!)
      .execute()
    const answer = await call(text, { headers })
    expect(answer).toMatchObject({ status: 402, body: { error: 'insufficient_balance', session: { remaining: '0.009', cost: '0.01' } } })
    expectContract('routeGatewayRequest', answer)
  })

  test('takes nothing for a call that failed', async () => {
    const headers = await openSession()
    provider.script({ kind: 'garbage' })
    expect(await call(text, { headers })).toMatchObject({ status: 502, body: { error: 'upstream' } })
    expect((await call(text, { headers })).headers.get('x-session-remaining')).toBe('0.99')
  })

  test('is possible through the transports without headers', async () => {
    const headers = await openSession()
    const nextPayment = async () => {
      const { userAddress, nonce, signature } = await signVoucher(headers['x-session-id']!, TEXT_CALL, wallet, TESTNET)
      return { sessionId: headers['x-session-id']!, walletAddress: userAddress, voucherNonce: nonce, voucherSignature: signature }
    }
    const byTrpc = await server
      .trpc()
      .gateway.route.mutate({ plugin: 'generate-text', messages: [{ role: 'user', content: 'Hm?' }], ...(await nextPayment()) })
    expect(byTrpc).toMatchObject({ message: 'Echo: Hm?', payment: { method: 'session' } })
    const { body } = await server.graphql(
      `mutation ($messages: [TextMessageInput!], $sessionId: ID, $walletAddress: String, $voucherNonce: String, $voucherSignature: String) {
        routeGatewayRequest(plugin: "generate-text", messages: $messages, sessionId: $sessionId, walletAddress: $walletAddress, voucherNonce: $voucherNonce, voucherSignature: $voucherSignature) {
          message data payment { method receipt } } }`,
      { ...question, ...(await nextPayment()) },
    )
    expect(body.data.routeGatewayRequest).toMatchObject({ message: 'Echo: Which berths are free?', payment: { method: 'session' } })
  })
})

describe('how a call is paid', () => {
  test.each([
    ['what the header says', { 'x-payment-method': 'stripe', authorization: 'Payment {}' }, 'payment_required', /^This call costs/],
    ['a credential before a session', { authorization: 'Payment {}', 'x-session-id': 'ses_1' }, 'payment_required', /./],
    ['a session before stripe', { 'x-session-id': 'ses_1', 'x-wallet-address': RECIPIENT }, 'session_required', /X-Voucher-Signature/],
  ])('is decided by %s', async (_what, headers, error, message) => {
    const answer = await call(text, { headers: headers as Record<string, string> })
    expect(answer).toMatchObject({ status: 402, body: { error, message: expect.stringMatching(message) } })
  })
})

describe('OPTIONS', () => {
  const preflight = { origin: 'https://app.example.org', 'access-control-request-method': 'POST' }

  test('tells a client how to pay before it does', async () => {
    const answer = await server.call('OPTIONS', '/api/v1/gateway', { headers: { accept: 'application/json' } })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('www-authenticate')).toBe('Payment')
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS')
    expectContract('getGatewayOptions', answer)
    const page = await server.call('OPTIONS', '/api/v1/gateway', { headers: { accept: 'text/html' } })
    expect(page.headers.has('www-authenticate')).toBe(false)
    await withEnv(server, { MPP_RECIPIENT: '' }, async () => {
      const { headers } = await server.call('OPTIONS', '/api/v1/gateway', { headers: { accept: 'application/json' } })
      expect(headers.has('www-authenticate')).toBe(false)
    })
  })

  test('lets pages of configured origins pay, and no others', async () => {
    const refused = await server.call('OPTIONS', '/api/v1/gateway', { headers: preflight })
    expect(refused.headers.has('access-control-allow-origin')).toBe(false)
    await withEnv(server, { CORS_ORIGINS: preflight.origin }, async () => {
      const { headers } = await server.call('OPTIONS', '/api/v1/gateway', { headers: { ...preflight, accept: '*/*' } })
      expect(headers.get('access-control-allow-origin')).toBe(preflight.origin)
      expect(headers.get('access-control-allow-headers')).toMatch(/Payment, X-Payment-Method, X-Session-Id, X-Wallet-Address/)
      expect(headers.get('www-authenticate')).toBe('Payment')
      const answer = await call(text, { key: account.key, headers: { origin: preflight.origin } })
      expect(answer.headers.get('access-control-expose-headers')).toMatch(
        /WWW-Authenticate, X-Plugin-Id, Payment-Receipt, X-Session-Remaining/,
      )
    })
  })
})
