import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { jwtVerify } from 'jose'
import { Types } from 'mppx/x402'
import { erc20Abi, parseAbi, verifyTypedData, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { BaseChain } from '../helpers/base-chain.ts'

const abi = parseAbi([
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
])
const types = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** Pays the gas: one of the accounts the chain begins with. */
const sender = privateKeyToAccount('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')

const KEY_ID = 'b1f3c5d7-0000-4000-8000-000000000002'

/** What can go wrong between a server and its facilitator. */
type Trouble =
  /** Nobody answers. */
  | 'down'
  /** It settles, and its answer gets lost. */
  | 'lost'
  /** It names a transaction for a payment that it has not sent. */
  | 'lies'

/** A facilitator for one chain, which settles for real there. It takes what the real ones take, and refuses what they refuse. */
export interface FakeFacilitator {
  url: string
  /** What goes wrong, one entry for each time it is asked; undefined where nothing does. */
  troubles: (Trouble | undefined)[]
  /** What happens before it answers, for as long as that takes. */
  beforeAnswer: (path: string) => Promise<void>
  /** What it was asked, in order: `verify` and `settle`. */
  asked: string[]
  /** From now on it answers those only who ask as Coinbase wants it. @returns what a server needs for that. */
  askForKey(): Record<'CDP_API_KEY_ID' | 'CDP_API_KEY_SECRET' | 'CDP_BASE_URL', string>
  /** The transaction of the payment that was settled last. */
  last: Hex | undefined
  close(): Promise<void>
}

interface Signed {
  accepted: Types.PaymentRequirements
  signature: Hex
  from: Address
  message: { from: Address; to: Address; value: bigint; validAfter: bigint; validBefore: bigint; nonce: Hex }
}

/** As facilitators call what they refuse. */
class Invalid extends Error {}

export async function startFakeFacilitator(chain: BaseChain): Promise<FakeFacilitator> {
  const { client } = chain
  const chainId = client.chain.id
  const network = `eip155:${chainId}`

  const read = (body: Record<string, unknown>): Signed => {
    if (body.x402Version !== 2) throw new Invalid('invalid_x402_version')
    const { payload, accepted } = Types.PaymentPayloadSchema.parse(body.paymentPayload)
    const requirements = Types.PaymentRequirementsSchema.parse(body.paymentRequirements)
    if (
      !isDeepStrictEqual({ ...accepted, asset: accepted.asset.toLowerCase() }, { ...requirements, asset: requirements.asset.toLowerCase() })
    )
      throw new Invalid('accepted_does_not_match_requirements')
    if (requirements.network !== network) throw new Invalid('invalid_network')
    const { authorization: a, signature } = Types.ExactEip3009PayloadSchema.parse(payload)
    const [from, to] = [a.from as Address, a.to as Address]
    const message = {
      from,
      to,
      value: BigInt(a.value),
      validAfter: BigInt(a.validAfter),
      validBefore: BigInt(a.validBefore),
      nonce: a.nonce as Hex,
    }
    return { accepted: requirements, signature: signature as Hex, from, message }
  }

  const check = async ({ accepted, signature, from, message }: Signed): Promise<void> => {
    const token = accepted.asset as Address
    const { name, version } = accepted.extra as { name: string; version: string }
    const domain = { name, version, chainId, verifyingContract: token }
    const isSigned = await verifyTypedData({
      address: from,
      domain,
      types,
      primaryType: 'TransferWithAuthorization',
      message,
      signature,
    }).catch(() => false)
    if (!isSigned) throw new Invalid('invalid_exact_evm_payload_signature')
    if (message.to.toLowerCase() !== accepted.payTo.toLowerCase()) throw new Invalid('invalid_exact_evm_payload_recipient_mismatch')
    if (message.value !== BigInt(accepted.amount)) throw new Invalid('invalid_exact_evm_payload_authorization_value')
    const now = BigInt(Math.floor(Date.now() / 1000))
    if (message.validBefore < now + 6n) throw new Invalid('invalid_exact_evm_payload_authorization_valid_before')
    if (message.validAfter > now) throw new Invalid('invalid_exact_evm_payload_authorization_valid_after')
    if (await client.readContract({ address: token, abi, functionName: 'authorizationState', args: [from, message.nonce] }))
      throw new Invalid('invalid_exact_evm_nonce_already_used')
    const balance = await client.readContract({ address: token, abi: erc20Abi, functionName: 'balanceOf', args: [from] })
    if (balance < message.value) throw new Invalid('invalid_exact_evm_insufficient_balance')
  }

  const settle = async ({ accepted, signature, message: m }: Signed): Promise<Hex> => {
    const args = [m.from, m.to, m.value, m.validAfter, m.validBefore, m.nonce, signature] as const
    const call = { address: accepted.asset as Address, abi, functionName: 'transferWithAuthorization', args } as const
    const hash = await client.writeContract({ ...call, account: sender, chain: client.chain })
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Invalid('invalid_transaction_state')
    return hash
  }

  /** Undefined: the connection breaks. */
  const answer = async (path: string, body: Record<string, unknown>): Promise<object | undefined> => {
    const trouble = fake.troubles.shift()
    if (trouble === 'down') return undefined
    const isSettling = path === 'settle'
    let from: string | undefined
    try {
      const signed = read(body)
      from = signed.from
      if (trouble === 'lies') return { success: true, transaction: fake.last, network, payer: from }
      await check(signed)
      if (!isSettling) return { isValid: true, invalidReason: null, payer: from }
      fake.last = await settle(signed)
      return trouble === 'lost' ? undefined : { success: true, transaction: fake.last, network, payer: from }
    } catch (error) {
      const reason = error instanceof Invalid ? error.message : 'invalid_payload'
      if (!isSettling) return { isValid: false, invalidReason: reason, payer: from }
      return { success: false, errorReason: reason, transaction: '', network, payer: from }
    }
  }

  let key: KeyObject | undefined
  /** A token is for one request, and for two minutes. */
  const isLetIn = async ({ headers, url }: IncomingMessage): Promise<boolean> => {
    if (!key) return true
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    const checked = await jwtVerify(token, createPublicKey(key), { issuer: 'cdp', subject: KEY_ID }).catch(() => undefined)
    return (checked?.payload.uris as string[] | undefined)?.includes(`POST ${headers.host}${url}`) ?? false
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [, path] = /^\/(verify|settle)$/.exec(request.url ?? '') ?? []
    if (request.method !== 'POST' || !path || request.headers['content-type'] !== 'application/json') return response.writeHead(404).end()
    if (!(await isLetIn(request))) return response.writeHead(401).end('Unauthorized')
    fake.asked.push(path)
    await fake.beforeAnswer(path)
    const body = await answer(path, JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)
    if (body === undefined) return request.socket.destroy()
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const fake: FakeFacilitator = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    troubles: [],
    beforeAnswer: async () => undefined,
    asked: [],
    last: undefined,
    askForKey() {
      key = generateKeyPairSync('ed25519').privateKey
      const { d, x } = key.export({ format: 'jwk' })
      const secret = Buffer.concat([Buffer.from(d!, 'base64url'), Buffer.from(x!, 'base64url')])
      return { CDP_API_KEY_ID: KEY_ID, CDP_API_KEY_SECRET: secret.toString('base64'), CDP_BASE_URL: fake.url }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return fake
}
