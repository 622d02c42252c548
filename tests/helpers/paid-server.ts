import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Credential } from 'mppx'
import { Mppx, tempo } from 'mppx/client'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Context } from '../../server/platform/core/context.ts'
import { toAppError } from '../../server/platform/core/errors.ts'
import { authorizeMpp, createChallenge, type MppChallenge } from '../../server/money/payments/mpp.service.ts'
import type { Price } from '../../server/money/payments/payment.ts'
import { startRpcProxy, type RpcProxy } from './rpc-proxy.ts'
import { startTempoChain, type TempoChain, type TransferDetails } from './tempo-chain.ts'
import { startTestServer, type TestServer } from './test-server.ts'

export const price: Price = { plugin: 'agent', amountMicroUsd: 50_000, description: 'One agent call' }

/** A server that is paid on a chain of its own, and the smallest endpoint there can be for what it sells. */
export interface PaidServer {
  url: string
  server: TestServer
  chain: TempoChain
  /** Between the server and the chain. */
  rpc: RpcProxy
  /** What is sold; it may fail. */
  work: () => Promise<string>
  /** How often it was done. */
  worked: number
  context(): Context
  /** The protocol's own client. */
  clientOf(payer: PrivateKeyAccount, mode?: 'pull' | 'push'): ReturnType<typeof createClient>
  challenge(of?: Price): Promise<MppChallenge>
  /** A credential of the documented form for a challenge, paying the price unless `details` say otherwise. */
  documented(payer: PrivateKeyAccount, challenge: MppChallenge, details?: Partial<TransferDetails>): Promise<string>
  /** The credential the protocol's own client makes for a challenge. */
  standard(payer: PrivateKeyAccount, mode?: 'pull' | 'push'): Promise<string>
  /** Calls with an Authorization header. */
  buy(authorization?: string): Promise<Response>
  /** Begins anew: everything works, and nothing was done or taken. */
  reset(): Promise<void>
  /** What was taken since, in millionths of a dollar: on the chain, and in the books. */
  taken(): Promise<Money>
  close(): Promise<void>
}

interface Money {
  chain: number
  booked: number
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: object
}

const createClient = (chain: TempoChain, account: PrivateKeyAccount, mode: 'pull' | 'push') =>
  Mppx.create({ polyfill: false, methods: [tempo.charge({ account, mode, getClient: () => chain.client })] })

export async function startPaidServer(): Promise<PaidServer> {
  const chain = await startTempoChain()
  const rpc = await startRpcProxy(chain.url)
  const server = await startTestServer(chain.variables(rpc.url))
  const { platform } = server

  const sell = async (authorization: string): Promise<Answer> => {
    const payment = await authorizeMpp(shop.context(), price, authorization)
    const answer = await doWork(shop).catch(async (error: unknown) => {
      await payment.release()
      throw error
    })
    const { reference, headers } = await payment.capture()
    return { status: 200, headers, body: { answer, reference } }
  }
  const refuse = async (message: string): Promise<Answer> => {
    const { mpp, wwwAuthenticate } = await createChallenge(shop.context(), price)
    return { status: 402, headers: { 'www-authenticate': wwwAuthenticate }, body: { message, mpp } }
  }
  const fail = (error: unknown): Answer | Promise<Answer> => {
    const failure = toAppError(error)
    return failure.kind === 'payment_required' ? refuse(failure.message) : { status: failure.status, headers: {}, body: failure.toBody() }
  }
  const endpoint = createServer(async (request, response) => {
    const { authorization } = request.headers
    const { status, headers, body } = await (authorization ? sell(authorization).catch(fail) : refuse('Pay first.'))
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise<void>((ready) => endpoint.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`
  let before: Money = { chain: 0, booked: 0 }
  const readMoney = async (): Promise<Money> => {
    const books = await platform.databases.system.selectFrom('ledgerBooks').where('id', '=', 'revenue').select('balance').executeTakeFirst()
    return { chain: Number(await chain.balanceOf(chain.recipient)), booked: books?.balance ?? 0 }
  }

  const shop: PaidServer = {
    url,
    server,
    chain,
    rpc,
    work: async () => 'worked',
    worked: 0,
    context: () => ({
      platform,
      requestId: 'req_test',
      startedAt: performance.now(),
      actor: { kind: 'anonymous' },
      isSafeMethod: false,
      db: platform.databases.forAccount(null),
      log: platform.log,
      signal: platform.shutdown,
      ip: '127.0.0.1',
      userAgent: null,
      reply: { cookies: [], headers: {} },
    }),
    clientOf: (payer, mode = 'pull') => createClient(chain, payer, mode),
    challenge: async (of = price) => (await createChallenge(shop.context(), of)).mpp,
    async documented(payer, { nonce }, details = {}) {
      const transaction = await chain.sign(payer, { to: chain.recipient, amount: BigInt(price.amountMicroUsd), ...details })
      return `Payment ${JSON.stringify({ scheme: 'Payment', transaction, challengeNonce: nonce })}`
    },
    standard: async (payer, mode = 'pull') => createClient(chain, payer, mode).createCredential(await shop.buy()),
    buy: (authorization) => fetch(url, { method: 'POST', headers: authorization ? { authorization } : {} }),
    async reset() {
      Object.assign(rpc, { isDown: false, cutMethod: undefined, asked: [] })
      Object.assign(shop, { worked: 0, work: async () => 'worked' })
      before = await readMoney()
    },
    async taken() {
      const now = await readMoney()
      return { chain: now.chain - before.chain, booked: now.booked - before.booked }
    },
    async close() {
      endpoint.closeAllConnections()
      await new Promise((closed) => endpoint.close(closed))
      await server.close()
      await rpc.close()
      await chain.close()
    },
  }
  return shop
}

async function doWork(shop: PaidServer): Promise<string> {
  shop.worked++
  return shop.work()
}

/** A credential of the protocol's own client with something in it changed. */
export function alter(authorization: string, change: (credential: Credential.Credential) => Credential.Credential): string {
  return Credential.serialize(change(Credential.deserialize(authorization)))
}
