import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { expect } from 'vitest'
import { placeEas, placeEns, startEvmChain, uidOf, type EvmChain, type Names, type NewAttestation } from './evm-chains.ts'
import { startVerification } from './passkeys.ts'
import { startRpcProxy, type RpcProxy } from './rpc-proxy.ts'
import { startTestServer, type Answer, type TestAccount, type TestServer } from './test-server.ts'

/** Accepted by the server of the bench. */
export const ATTESTER = '0x52908400098527886E0F7030069857D2E4169EE7'
export const SCHEMA = uidOf('schema')

/** Coinbase's own, on Base. */
export const COINBASE = '0x357458739F90461b99789350868CD7CF330Dd7EE'
const COINBASE_INDEXER = '0x2c7eE1E5f416dfF40054c27A62f7B357C4E8619C'
export const VERIFIED_ACCOUNT = '0xf8b05c79f090979bf4a80270aba232dff11a10d9ca55c4f88de95317970f0de9'
export const VERIFIED_COUNTRY = '0x1801901fabd0e6189356b4fb52bb0ab855276d84f7ec140839fbd1f6801ca065'

/** A server with a chain for attestations, which it asks through `rpc`, and one for names. */
export interface VerificationBench {
  server: TestServer
  rpc: RpcProxy
  base: EvmChain
  ethereum: EvmChain
  attest(attestation: NewAttestation): Promise<void>
  /** Has Coinbase's index know of an attestation. */
  index(recipient: string, schema: string, uid: string): Promise<void>
  names: Names
  close(): Promise<void>
}

export async function startVerificationBench(): Promise<VerificationBench> {
  const [base, ethereum] = await Promise.all([startEvmChain(8453), startEvmChain(1)])
  const attest = await placeEas(base)
  const write = await base.place('FakeIndexer', COINBASE_INDEXER)
  const names = await placeEns(ethereum)
  const rpc = await startRpcProxy(base.url)
  const server = await startTestServer({
    DEFAULT_MODEL: 'local/commands',
    BASE_RPC_URL: rpc.url,
    ETHEREUM_RPC_URL: ethereum.url,
    EAS_ATTESTERS: ATTESTER.toLowerCase(),
    EAS_SCHEMAS: SCHEMA,
  })
  return {
    server,
    rpc,
    base,
    ethereum,
    attest,
    index: (recipient, schema, uid) => write('put', recipient, schema, uid),
    names,
    async close() {
      await server.close()
      await rpc.close()
      await Promise.all([base.close(), ethereum.close()])
    },
  }
}

/** An agent of a new account that is not verified, and a new wallet. */
export interface Candidate {
  account: TestAccount
  agentId: string
  wallet: PrivateKeyAccount
  /** Of an attestation that is not made yet. */
  uid: ReturnType<typeof uidOf>
  createAgent(): Promise<string>
  /** Opens a challenge. */
  start(type: string, agentId?: string): Promise<{ message: string }>
  verify(body: object): Promise<Answer>
  status(): Promise<Answer['body']>
  detail(): Promise<Answer['body']>
  /** Evidence with the challenge signed by the wallet, or by `signer`, and anything else of it. */
  evidence(type: string, others?: object, signer?: PrivateKeyAccount): Promise<Record<string, unknown>>
  /** An attestation that is accepted. */
  good(): NewAttestation
  /** Asserts that the agent is not verified by what is sent, nor by anything else. */
  expectRefused(body: object, refusal: { code: string; status?: number; error?: RegExp }): Promise<void>
  /** Makes it two days ago that the verification was checked. */
  age(): Promise<unknown>
}

let candidates = 0

export async function createCandidate({ server }: VerificationBench): Promise<Candidate> {
  const account = await server.createAccount()
  const { key } = account
  const createAgent = async (): Promise<string> =>
    (await server.call('POST', '/api/agents', { key, body: { name: 'Harbour Desk' } })).body.id
  const agentId = await createAgent()
  const wallet = privateKeyToAccount(generatePrivateKey())
  const uid = uidOf(`attestation ${++candidates}`)
  const start: Candidate['start'] = async (type, id = agentId) => (await startVerification(server, account, id, type)).body
  const verify: Candidate['verify'] = (body) => server.call('POST', `/api/agents/${agentId}/verify`, { key, body })
  const status = async () => (await server.call('GET', `/api/agents/${agentId}/verify`, { key })).body
  const detail = async () => (await server.call('GET', `/api/agents/${agentId}`, { key })).body.agent
  return {
    account,
    agentId,
    wallet,
    uid,
    createAgent,
    start,
    verify,
    status,
    detail,
    evidence: async (type, others = {}, signer = wallet) => ({
      verificationType: type,
      walletAddress: wallet.address,
      signature: await signer.signMessage({ message: (await start(type)).message }),
      ...(type === 'eas' ? { attestationUid: uid } : {}),
      ...others,
    }),
    good: () => ({ uid, schema: SCHEMA, recipient: wallet.address, attester: ATTESTER }),
    async expectRefused(body, { status: expected = 400, code, error = /./ }) {
      expect(await verify(body)).toMatchObject({ status: expected, body: { code, error: expect.stringMatching(error) } })
      expect(await status()).toEqual({
        verified: false,
        verificationType: null,
        attestationUid: null,
        verifierAddress: null,
        verifiedAt: null,
        metadata: null,
      })
      expect(await detail()).toMatchObject({ verified: false, verificationType: null, attestationUid: null, verifiedAt: null })
    },
    age() {
      const then = new Date(Date.now() - 2 * 24 * 3600 * 1000).toISOString()
      const { system } = server.platform.databases
      return system.updateTable('agentVerifications').set({ checkedAt: then, triedAt: then }).where('agentId', '=', agentId).execute()
    },
  }
}

/** So many seconds from now, as a chain counts time. */
export const inSeconds = (seconds: number): bigint => BigInt(Math.floor(Date.now() / 1000) + seconds)
