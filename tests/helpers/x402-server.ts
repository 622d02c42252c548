import { Header, type Types } from 'mppx/x402'
import { Mppx, evm } from 'mppx/client'
import type { Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { z } from 'zod'
import { definePlugin } from '../../server/api/gateway/plugins/plugin.ts'
import { registerPlugin } from '../../server/api/gateway/registry.ts'
import { startFakeFacilitator, type FakeFacilitator } from '../fakes/x402-facilitator.ts'
import { anyAddress, startBaseChain, type BaseChain } from './base-chain.ts'
import { bookOf } from './ledger.ts'
import { startTestServer, type Answer, type Caller, type TestServer } from './test-server.ts'

/** What a call of the plugin costs, in millionths of a dollar. */
export const PRICE = 40_000

/** A server whose gateway is paid by x402 on a chain of its own, and sells one thing. */
export interface X402Server {
  server: TestServer
  chain: BaseChain
  facilitator: FakeFacilitator
  recipient: Address
  /** What is sold; it may fail. */
  work: () => Promise<string>
  /** How often it was done. */
  worked: number
  /** Everything works from now on, and nothing was done or taken. */
  reset(): Promise<void>
  /** Calls the plugin. */
  call(headers?: Record<string, string>, caller?: Caller): Promise<Answer>
  createPayer(units?: bigint): Promise<PrivateKeyAccount>
  /** The protocol's own client. */
  clientOf(account: PrivateKeyAccount): ReturnType<typeof createClient>
  /** The value of a PAYMENT-SIGNATURE header that the client makes for a call of the plugin. */
  sign(account?: PrivateKeyAccount): Promise<string>
  /** What was taken: on the chain, and in the books. */
  taken(): Promise<{ chain: number; booked: number }>
  close(): Promise<void>
}

const createClient = (account: PrivateKeyAccount) => Mppx.create({ polyfill: false, methods: [evm.charge({ account })] })

/**
 * @param plugin Id of what is sold; each test file has its own.
 * @param variables Added to the environment.
 */
export async function startX402Server(plugin: string, variables: Record<string, string> = {}): Promise<X402Server> {
  registerPlugin(
    definePlugin({
      id: plugin,
      description: 'Measures how deep the water is.',
      priceMicroUsd: PRICE,
      input: z.object({}),
      run: async () => {
        shop.worked++
        return { message: await shop.work() }
      },
      async *stream() {
        shop.worked++
        yield 'Nine '
        return { message: await shop.work() }
      },
    }),
  )
  const chain = await startBaseChain('base-sepolia')
  const facilitator = await startFakeFacilitator(chain)
  const recipient = anyAddress()
  const server = await startTestServer({
    BASE_SEPOLIA_RPC_URL: chain.rpc.url,
    X402_FACILITATOR_URL: facilitator.url,
    X402_RECIPIENT: recipient,
    ...variables,
  })
  const readMoney = async () => ({ chain: Number(await chain.usdcOf(recipient)), booked: await bookOf(server.platform, 'revenue') })
  let before = await readMoney()

  const shop: X402Server = {
    server,
    chain,
    facilitator,
    recipient,
    work: async () => 'Nine metres.',
    worked: 0,
    async reset() {
      Object.assign(chain.rpc, { isDown: false, cutMethod: undefined, asked: [] })
      Object.assign(facilitator, { troubles: [], asked: [], beforeAnswer: async () => undefined })
      Object.assign(shop, { worked: 0, work: async () => 'Nine metres.' })
      before = await readMoney()
    },
    call: (headers = {}, caller = {}) => server.call('POST', '/api/v1/gateway', { body: { plugin }, headers, ...caller }),
    async createPayer(units = 5_000_000n) {
      const account = privateKeyToAccount(generatePrivateKey())
      await chain.fund(account.address, units)
      return account
    },
    clientOf: createClient,
    sign: async (account) =>
      createClient(account ?? (await shop.createPayer())).createCredential(
        await fetch(`${server.url}/api/v1/gateway`, { method: 'POST', headers: { 'x-plugin-id': plugin } }),
      ),
    async taken() {
      const now = await readMoney()
      return { chain: now.chain - before.chain, booked: now.booked - before.booked }
    },
    async close() {
      await server.close()
      await facilitator.close()
      await chain.close()
    },
  }
  return shop
}

/** A payment with something in it changed. */
export function alter(
  signature: string,
  change: (payment: Types.PaymentPayload & { payload: Types.ExactEip3009Payload }) => object,
): string {
  const payment = JSON.parse(Buffer.from(signature, 'base64').toString()) as Parameters<typeof change>[0]
  return Buffer.from(JSON.stringify(change(payment))).toString('base64')
}

/** The receipt of an answer, as the protocol's clients read it. */
export const receiptOf = ({ headers }: Pick<Answer, 'headers'>): Types.SettleResponse =>
  Header.decodePaymentResponse(headers.get('payment-response') ?? '')
