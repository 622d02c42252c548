import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withEnv } from '../../contract/with-env.ts'
import { later } from '../../helpers/clock.ts'
import { placeEas, startEvmChain, type NewAttestation } from '../../helpers/evm-chains.ts'
import { startRpcProxy } from '../../helpers/rpc-proxy.ts'
import {
  ATTESTER,
  COINBASE,
  createCandidate,
  inSeconds,
  SCHEMA,
  startVerificationBench,
  VERIFIED_ACCOUNT,
  VERIFIED_COUNTRY,
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

describe('an attestation on Base verifies an agent', () => {
  test('when it is about the wallet that signed the challenge', async () => {
    await bench.attest(candidate.good())
    const { body, status: code } = await candidate.verify(
      await candidate.evidence('eas', { metadata: { note: 'ours', attester: 'me' }, verified: false }),
    )
    expect(code).toBe(200)
    expect(body).toEqual({
      success: true,
      verified: true,
      verificationType: 'eas',
      attestationUid: candidate.uid,
      verifiedAt: expect.any(String),
    })
    const { verifiedAt } = body
    expect(await candidate.status()).toEqual({
      verified: true,
      verificationType: 'eas',
      attestationUid: candidate.uid,
      verifierAddress: candidate.wallet.address,
      verifiedAt,
      metadata: { note: 'ours', attester: ATTESTER, schema: SCHEMA, chainId: 8453 },
    })
    expect(await candidate.detail()).toMatchObject({ verified: true, verificationType: 'eas', attestationUid: candidate.uid, verifiedAt })
    const query = 'query ($id: ID!) { agentVerification(agentId: $id) { verified verificationType } agent(agentId: $id) { verified } }'
    expect((await bench.server.graphql(query, { id: candidate.agentId }, candidate.account)).body.data).toEqual({
      agentVerification: { verified: true, verificationType: 'eas' },
      agent: { verified: true },
    })
  })

  test('when the wallet is named as the one that verifies', async () => {
    await bench.attest(candidate.good())
    const others = await candidate.evidence('eas', { walletAddress: undefined })
    expect((await candidate.verify({ ...others, verifierAddress: candidate.wallet.address.toLowerCase() })).status).toBe(200)
  })

  test('when the wallet is a contract that takes the signature for its own', async () => {
    const address = privateKeyToAccount(generatePrivateKey()).address
    const write = await bench.base.place('FakeSmartWallet', address)
    await write('setOwner', candidate.wallet.address)
    await bench.attest({ ...candidate.good(), recipient: address })
    expect((await candidate.verify(await candidate.evidence('eas', { walletAddress: address }))).status).toBe(200)
    const stranger = privateKeyToAccount(generatePrivateKey())
    const body = await candidate.evidence('eas', { walletAddress: address }, stranger)
    expect(await candidate.verify(body)).toMatchObject({ status: 400, body: { code: 'EVIDENCE_REFUSED' } })
  })

  test('until it expires', async () => {
    await bench.attest({ ...candidate.good(), expirationTime: inSeconds(3600) })
    await candidate.verify(await candidate.evidence('eas'))
    expect((await candidate.status()).verified).toBe(true)
    const past = new Date(Date.now() - 1000).toISOString()
    await bench.server.platform.databases.system
      .updateTable('agentVerifications')
      .set({ expiresAt: past })
      .where('agentId', '=', candidate.agentId)
      .execute()
    expect(await candidate.status()).toMatchObject({
      verified: false,
      verificationType: 'eas',
      metadata: { lapsed: expect.stringMatching(/expired/) },
    })
    expect((await candidate.detail()).verified).toBe(false)
  })

  test('when it expires later than any date', async () => {
    await bench.attest({ ...candidate.good(), expirationTime: 2n ** 64n - 1n })
    expect((await candidate.verify(await candidate.evidence('eas'))).status).toBe(200)
    expect((await candidate.status()).verified).toBe(true)
  })

  test('until it is removed', async () => {
    await bench.attest(candidate.good())
    await candidate.verify(await candidate.evidence('eas'))
    for (let times = 0; times < 2; times++)
      expect((await bench.server.call('DELETE', `/api/agents/${candidate.agentId}/verify`, { key: candidate.account.key })).body).toEqual({
        success: true,
      })
    expect(await candidate.status()).toMatchObject({ verified: false, verificationType: null })
  })

  test('in place of what verified it before', async () => {
    await bench.attest(candidate.good())
    await candidate.verify(await candidate.evidence('eas'))
    await bench.names.claim(candidate.wallet.address, 'quay.eth')
    await bench.names.point('quay.eth', candidate.wallet.address)
    await candidate.verify(await candidate.evidence('ens'))
    expect(await candidate.status()).toMatchObject({ verified: true, verificationType: 'ens', attestationUid: 'ens:quay.eth' })
  })
})

describe('an attestation of Coinbase verifies an agent', () => {
  const coinbase = (different: Partial<NewAttestation> = {}) =>
    ({ ...candidate.good(), attester: COINBASE, schema: VERIFIED_ACCOUNT, ...different }) as NewAttestation

  test('which is found by the wallet', async () => {
    await bench.attest(coinbase())
    await bench.index(candidate.wallet.address, VERIFIED_ACCOUNT, candidate.uid)
    expect(await candidate.verify(await candidate.evidence('coinbase'))).toMatchObject({
      status: 200,
      body: { verificationType: 'coinbase', attestationUid: candidate.uid },
    })
  })

  test('of a verified country too, and when the caller names it', async () => {
    await bench.attest(coinbase({ schema: VERIFIED_COUNTRY }))
    await bench.index(candidate.wallet.address, VERIFIED_COUNTRY, candidate.uid)
    expect((await candidate.verify(await candidate.evidence('coinbase'))).body.attestationUid).toBe(candidate.uid)
    expect((await candidate.verify(await candidate.evidence('coinbase', { attestationUid: candidate.uid }))).status).toBe(200)
  })

  test('but not one of somebody else, of another schema, about another wallet, or revoked', async () => {
    const stranger = privateKeyToAccount(generatePrivateKey()).address
    const wrong: Partial<NewAttestation>[] = [
      { attester: ATTESTER },
      { schema: SCHEMA },
      { recipient: stranger },
      { revocationTime: inSeconds(-60) },
    ]
    for (const different of wrong) {
      await bench.attest(coinbase(different))
      await candidate.expectRefused(await candidate.evidence('coinbase', { attestationUid: candidate.uid }), { code: 'EVIDENCE_REFUSED' })
    }
  })

  test('on Base Sepolia by its attester there, where Base is not configured', async () => {
    const sepolia = await startEvmChain(84532)
    const attestThere = await placeEas(sepolia)
    const indexThere = await sepolia.place('FakeIndexer', '0xd147a19c3B085Fb9B0c15D2EAAFC6CB086ea849B')
    const schema = '0x2f34a2ffe5f87b2f45fbc7c784896b768d77261e2f24f77341ae43751c765a69'
    await indexThere('put', candidate.wallet.address, schema, candidate.uid)
    await withEnv(bench.server, { BASE_RPC_URL: '', BASE_SEPOLIA_RPC_URL: sepolia.url }, async () => {
      await attestThere(coinbase({ schema }))
      await candidate.expectRefused(await candidate.evidence('coinbase'), { code: 'EVIDENCE_REFUSED', error: /attester/ })
      await attestThere(coinbase({ schema, attester: '0xB5644397a9733f86Cacd928478B29b4cD6041C45' }))
      expect((await candidate.verify(await candidate.evidence('coinbase'))).status).toBe(200)
      expect((await candidate.status()).metadata.chainId).toBe(84532)
    })
    await sepolia.close()
  })

  test('but not a wallet about which there is none', async () => {
    await candidate.expectRefused(await candidate.evidence('coinbase'), { code: 'EVIDENCE_REFUSED', error: /attested nothing/ })
  })
})

describe('an ENS name verifies an agent', () => {
  test('when it is the primary name of the wallet and leads back to it', async () => {
    await bench.names.claim(candidate.wallet.address, 'harbourdesk.eth')
    await bench.names.point('harbourdesk.eth', candidate.wallet.address)
    const { body } = await candidate.verify(await candidate.evidence('ens'))
    expect(body).toMatchObject({ verified: true, attestationUid: 'ens:harbourdesk.eth' })
    expect(await candidate.status()).toMatchObject({
      verifierAddress: candidate.wallet.address,
      metadata: { name: 'harbourdesk.eth', chainId: 1 },
    })
  })

  test.each<[string, (name: string) => Promise<void>]>([
    ['the wallet has none', async () => undefined],
    ['it leads nowhere', (name) => bench.names.claim(candidate.wallet.address, name)],
    [
      'it leads elsewhere',
      async (name) => {
        await bench.names.claim(candidate.wallet.address, name)
        await bench.names.point(name, ATTESTER)
      },
    ],
    [
      'it leads elsewhere, whatever the resolver says',
      async (name) => {
        await bench.names.claim(candidate.wallet.address, name, true)
        await bench.names.point(name, ATTESTER)
      },
    ],
    ['the wallet does not call itself so', (name) => bench.names.point(name, candidate.wallet.address)],
    [
      'it is not in its normal form',
      async () => {
        await bench.names.claim(candidate.wallet.address, 'Harbour.eth', true)
        await bench.names.point('Harbour.eth', candidate.wallet.address)
      },
    ],
    ['it is no name', async () => bench.names.claim(candidate.wallet.address, 'a b', true)],
  ])('but not when %s', async (_what, prepare) => {
    await prepare(`${candidate.agentId}.eth`)
    await candidate.expectRefused(await candidate.evidence('ens'), { code: 'EVIDENCE_REFUSED', error: /no primary ENS name/ })
  })

  test('but not when only a bench.server outside of the chain could say where it leads, and that bench.server is not asked', async () => {
    const gateway = await startRpcProxy(bench.ethereum.url)
    const name = `${candidate.agentId}.eth`
    await bench.names.claim(candidate.wallet.address, name, true)
    await bench.names.sendAway(name, `${gateway.url}/{sender}/{data}.json`)
    await candidate.expectRefused(await candidate.evidence('ens'), { code: 'EVIDENCE_REFUSED', error: /no primary ENS name/ })
    expect(gateway.asked).toEqual([])
    await gateway.close()
  })

  test('but not when the caller names another, or has another wallet sign', async () => {
    await bench.names.claim(candidate.wallet.address, 'pier.eth')
    await bench.names.point('pier.eth', candidate.wallet.address)
    await candidate.expectRefused(await candidate.evidence('ens', { attestationUid: 'ens:vip.eth' }), {
      code: 'EVIDENCE_REFUSED',
      error: /pier\.eth/,
    })
    const stranger = privateKeyToAccount(generatePrivateKey())
    await candidate.expectRefused(await candidate.evidence('ens', {}, stranger), { code: 'EVIDENCE_REFUSED', error: /did not sign/ })
  })
})

describe('a verification that is a day old is checked again when it is read', () => {
  beforeEach(async () => {
    await bench.attest(candidate.good())
    await candidate.verify(await candidate.evidence('eas'))
  })

  test('and stays when it still holds', async () => {
    const before = await candidate.status()
    await candidate.age()
    expect(await candidate.status()).toEqual(before)
    bench.rpc.asked = []
    await candidate.status()
    expect(bench.rpc.asked).toEqual([])
  })

  test('and ends when the attestation was revoked', async () => {
    await bench.attest({ ...candidate.good(), revocationTime: inSeconds(-60) })
    expect((await candidate.status()).verified).toBe(true)
    await candidate.age()
    expect((await candidate.detail()).verified).toBe(false)
    expect(await candidate.status()).toMatchObject({
      verified: false,
      verificationType: 'eas',
      attestationUid: candidate.uid,
      verifiedAt: null,
      metadata: { lapsed: expect.stringMatching(/^The attestation was revoked/) },
    })
  })

  test('and ends when its attester is not accepted any more', async () => {
    await candidate.age()
    await withEnv(bench.server, { EAS_ATTESTERS: COINBASE }, async () => expect((await candidate.status()).verified).toBe(false))
  })

  test('and stays while the chain does not answer, which is asked again after an hour', async () => {
    await bench.attest({ ...candidate.good(), revocationTime: inSeconds(-60) })
    await candidate.age()
    bench.rpc.isDown = true
    expect((await candidate.status()).verified).toBe(true)
    bench.rpc.isDown = false
    bench.rpc.asked = []
    expect((await candidate.detail()).verified).toBe(true)
    expect(bench.rpc.asked).toEqual([])
    await candidate.age()
    expect((await candidate.detail()).verified).toBe(false)
  })

  test('once, however many read it', async () => {
    await candidate.age()
    bench.rpc.asked = []
    await Promise.all(Array.from({ length: 5 }, () => candidate.status()))
    expect(bench.rpc.asked).toEqual(['eth_call'])
  })

  test('and an attestation that has expired meanwhile ends by itself', async () => {
    await bench.attest({ ...candidate.good(), expirationTime: inSeconds(30) })
    await candidate.age()
    expect((await candidate.status()).verified).toBe(true)
    await candidate.age()
    await later(60, async () => expect((await candidate.status()).verified).toBe(false))
  })
})
