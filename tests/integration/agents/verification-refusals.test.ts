import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withEnv } from '../../contract/with-env.ts'
import { uidOf, type NewAttestation } from '../../helpers/evm-chains.ts'
import {
  ATTESTER,
  COINBASE,
  createCandidate,
  inSeconds,
  SCHEMA,
  startVerificationBench,
  VERIFIED_ACCOUNT,
  type Candidate,
  type VerificationBench,
} from '../../helpers/verification-bench.ts'

let bench: VerificationBench
let candidate: Candidate
beforeAll(async () => void (bench = await startVerificationBench()))
afterAll(() => bench.close())
beforeEach(async () => {
  bench.rpc.isDown = false
  candidate = await createCandidate(bench)
})

describe('an attestation is refused', () => {
  const stranger = privateKeyToAccount(generatePrivateKey())
  test.each<[string, () => Partial<NewAttestation>, RegExp]>([
    ['of an attester who is not accepted', () => ({ attester: stranger.address }), /attester .* not accepted/],
    ['of Coinbase, unless it was accepted too', () => ({ attester: COINBASE, schema: VERIFIED_ACCOUNT }), /attester/],
    ['of a schema that is not accepted', () => ({ schema: uidOf('another') }), /schema .* not accepted/],
    ['about another wallet', () => ({ recipient: stranger.address }), /another wallet/],
    ['that was revoked', () => ({ revocationTime: inSeconds(-60) }), /revoked/],
    ['that has expired', () => ({ expirationTime: inSeconds(-1) }), /expired/],
  ])('%s', async (_what, different, error) => {
    await bench.attest({ ...candidate.good(), ...different() })
    await candidate.expectRefused(await candidate.evidence('eas'), { code: 'EVIDENCE_REFUSED', error })
  })

  test('that does not exist', async () => {
    await candidate.expectRefused(await candidate.evidence('eas'), { code: 'EVIDENCE_REFUSED', error: /no such attestation/ })
    await candidate.expectRefused(await candidate.evidence('eas', { attestationUid: 'harbour' }), {
      code: 'EVIDENCE_REFUSED',
      error: /64 hex digits/,
    })
  })

  test('whose wallet is that of somebody else', async () => {
    await bench.attest(candidate.good())
    await candidate.expectRefused(await candidate.evidence('eas', {}, stranger), { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
    await candidate.expectRefused(await candidate.evidence('eas', { walletAddress: stranger.address }, stranger), {
      code: 'EVIDENCE_REFUSED',
      error: /another wallet/,
    })
  })

  test.each(['0x', '0x1234', 'signed', `0x${'0'.repeat(130)}`])('with the signature %s', async (signature) => {
    await bench.attest(candidate.good())
    await candidate.expectRefused(await candidate.evidence('eas', { signature }), { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
  })

  test('with a signature that was used already', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    expect((await candidate.verify(body)).status).toBe(200)
    await bench.server.call('DELETE', `/api/agents/${candidate.agentId}/verify`, { key: candidate.account.key })
    await candidate.expectRefused(body, { code: 'CHALLENGE_NEEDED' })
    await candidate.start('eas')
    await candidate.expectRefused(body, { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
  })

  test('with a signature that is sent five times at once, all but the first', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    const answers = await Promise.all(Array.from({ length: 5 }, () => candidate.verify(body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400])
  })

  test('with a signature for another agent, another type, another text or an older challenge', async () => {
    await bench.attest(candidate.good())
    const other = await candidate.createAgent()
    const sign = (message: string) => candidate.wallet.signMessage({ message })
    const { message } = await candidate.start('eas')
    const signatures = [
      await sign((await candidate.start('eas', other)).message),
      await sign((await candidate.start('coinbase')).message),
      await sign(message.replace(candidate.agentId, other)),
      await sign(`${message} `),
    ]
    const body = { verificationType: 'eas', attestationUid: candidate.uid, walletAddress: candidate.wallet.address }
    for (const signature of signatures)
      await candidate.expectRefused({ ...body, signature }, { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
    await candidate.start('eas')
    await candidate.expectRefused({ ...body, signature: await sign(message) }, { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
  })

  test('five minutes after its challenge', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    const past = new Date(Date.now() - 1000).toISOString()
    await bench.server.platform.databases.system.updateTable('verificationChallenges').set({ expiresAt: past }).execute()
    await candidate.expectRefused(body, { code: 'CHALLENGE_NEEDED' })
  })

  test.each([
    ['without its uid', { verificationType: 'eas', verified: true }, 'attestationUid'],
    ['without a signature', { verificationType: 'eas', attestationUid: SCHEMA, verifierAddress: ATTESTER }, 'signature'],
    ['without a wallet', { verificationType: 'eas', attestationUid: SCHEMA, signature: '0x12' }, 'walletAddress'],
    [
      'with two wallets',
      { verificationType: 'eas', attestationUid: SCHEMA, signature: '0x12', walletAddress: ATTESTER, verifierAddress: COINBASE },
      'verifierAddress',
    ],
  ])('%s', async (_what, body, field) => {
    expect(await candidate.verify(body)).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field }] } })
  })

  test.each([['EAS_ATTESTERS'], ['EAS_SCHEMAS']])('of anybody while %s is not set', async (variable) => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    await withEnv(bench.server, { [variable]: '' }, () =>
      candidate.expectRefused(body, { status: 503, code: 'VERIFIER_NOT_CONFIGURED', error: new RegExp(variable) }),
    )
  })
})

describe('a chain that cannot be asked', () => {
  test.each([
    ['BASE_RPC_URL', 'eas'],
    ['BASE_RPC_URL', 'coinbase'],
    ['ETHEREUM_RPC_URL', 'ens'],
  ])('is not configured: %s is named for %s', async (variable, type) => {
    const body = await candidate.evidence(type)
    await withEnv(bench.server, { [variable]: '' }, async () =>
      expect(await candidate.verify(body)).toMatchObject({ status: 503, body: { code: 'CHAIN_NOT_CONFIGURED', variable } }),
    )
  })

  test('does not answer: nothing is decided, and the challenge is still good', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    bench.rpc.isDown = true
    await candidate.expectRefused(body, { status: 503, code: 'CHAIN_UNAVAILABLE', error: /Base/ })
    bench.rpc.isDown = false
    expect((await candidate.verify(body)).status).toBe(200)
  })

  test('does not answer about the signature of a contract: it is not called wrong', async () => {
    const body = await candidate.evidence('eas', { signature: `0x${'12'.repeat(70)}` })
    bench.rpc.isDown = true
    await candidate.expectRefused(body, { status: 503, code: 'CHAIN_UNAVAILABLE' })
  })

  test('is another one', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    await withEnv(bench.server, { BASE_RPC_URL: bench.ethereum.url }, () =>
      candidate.expectRefused(body, {
        status: 503,
        code: 'CHAIN_NOT_CONFIGURED',
        error: /BASE_RPC_URL is chain 1, but Base is chain 8453/,
      }),
    )
  })

  test('is the test network, which does not count beside the main one', async () => {
    await bench.attest(candidate.good())
    const body = await candidate.evidence('eas')
    await withEnv(bench.server, { BASE_SEPOLIA_RPC_URL: bench.ethereum.url }, async () =>
      expect((await candidate.verify(body)).status).toBe(200),
    )
    await withEnv(bench.server, { BASE_RPC_URL: '', BASE_SEPOLIA_RPC_URL: bench.rpc.url }, async () =>
      expect(await candidate.verify(body)).toMatchObject({
        status: 503,
        body: { error: expect.stringMatching(/chain 8453, but Base Sepolia/) },
      }),
    )
  })
})

describe('another account', () => {
  test('gets nothing of an agent: no challenge, no status, no verification', async () => {
    const other = await bench.server.createAccount()
    const calls = [
      ['GET', 'verify'],
      ['GET', 'verification'],
      ['DELETE', 'verify'],
      ['POST', 'verify', { verificationType: 'eas', attestationUid: candidate.uid }],
      ['POST', 'verify/challenge', { verificationType: 'eas' }],
    ] as const
    for (const [method, path, body] of calls)
      expect(await bench.server.call(method, `/api/agents/${candidate.agentId}/${path}`, { key: other.key, body })).toMatchObject({
        status: 404,
        body: { code: 'AGENT_NOT_FOUND' },
      })
  })
})
