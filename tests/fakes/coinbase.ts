import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { jwtVerify } from 'jose'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'

/** The wallets of the Coinbase Developer Platform, as far as they are used. It checks both tokens of a call as the real one does. */
export interface FakeCoinbase {
  /** What a server is given. */
  variables: Record<string, string>
  /** Addresses by the names they were made under. */
  accounts: Map<string, string>
  /** While true it answers 500. */
  isBroken: boolean
  /** Its next answer to who makes an account gets lost; the account is made. */
  losesAnswer: boolean
  close(): Promise<void>
}

const KEY_ID = 'b1f3c5d7-0000-4000-8000-000000000001'
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,34}[A-Za-z0-9]$/
const KNOWN_PARAMETERS = new Set(['name', 'accountPolicy'])

class Refused extends Error {
  readonly status: number
  readonly errorType: string
  constructor(status: number, errorType: string) {
    super(errorType)
    this.status = status
    this.errorType = errorType
  }
}

export async function startFakeCoinbase(): Promise<FakeCoinbase> {
  const api = generateKeyPairSync('ed25519')
  const { d, x } = api.privateKey.export({ format: 'jwk' })
  const walletKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const walletSecret = walletKeys.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')

  const checkBearer = async (request: IncomingMessage, uri: string): Promise<void> => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(api.privateKey), { issuer: 'cdp', subject: KEY_ID }).catch(
      () => {
        throw new Refused(401, 'unauthorized')
      },
    )
    if (protectedHeader.kid !== KEY_ID || !(payload.uris as string[]).includes(uri)) throw new Refused(401, 'unauthorized')
  }
  const checkWallet = async (request: IncomingMessage, uri: string, body: object): Promise<void> => {
    const { payload } = await jwtVerify(String(request.headers['x-wallet-auth']), walletKeys.publicKey).catch(() => {
      throw new Refused(401, 'unauthorized')
    })
    const sorted = Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1)))
    const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
    if (!(payload.uris as string[]).includes(uri) || payload.reqHash !== hash) throw new Refused(401, 'unauthorized')
  }

  const shown = (name: string) => ({
    address: fake.accounts.get(name)!,
    name,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
  })
  const answer = async (request: IncomingMessage, url: URL, body: Record<string, unknown>): Promise<unknown> => {
    const uri = `${request.method} ${url.host}${url.pathname}`
    await checkBearer(request, uri)
    if (fake.isBroken) throw new Refused(500, 'internal_server_error')
    const [, byName] = /^\/v2\/evm\/accounts\/by-name\/([^/]+)$/.exec(url.pathname) ?? []
    if (request.method === 'GET' && byName !== undefined) {
      if (!fake.accounts.has(byName)) throw new Refused(404, 'not_found')
      return shown(byName)
    }
    if (url.pathname !== '/v2/evm/accounts') throw new Refused(404, 'not_found')
    if (request.method === 'GET') return { accounts: [...fake.accounts.keys()].map(shown) }
    await checkWallet(request, uri, body)
    const { name } = body
    if (typeof name !== 'string' || !NAME.test(name)) throw new Refused(400, 'invalid_request')
    if (Object.keys(body).some((parameter) => !KNOWN_PARAMETERS.has(parameter))) throw new Refused(400, 'invalid_request')
    if (fake.accounts.has(name)) throw new Refused(409, 'already_exists')
    fake.accounts.set(name, privateKeyToAddress(generatePrivateKey()))
    return shown(name)
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    try {
      const text = Buffer.concat(chunks).toString()
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
      const result = await answer(request, new URL(request.url!, `http://${request.headers.host}`), body)
      if (request.method === 'POST' && fake.losesAnswer) {
        fake.losesAnswer = false
        return request.socket.destroy()
      }
      return send(request.method === 'POST' ? 201 : 200, result)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return send(error.status, { errorType: error.errorType, errorMessage: error.message, correlationId: 'fake' })
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const fake: FakeCoinbase = {
    variables: {
      CDP_API_KEY_ID: KEY_ID,
      CDP_API_KEY_SECRET: Buffer.concat([Buffer.from(d!, 'base64url'), Buffer.from(x!, 'base64url')]).toString('base64'),
      CDP_WALLET_SECRET: walletSecret,
      CDP_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    accounts: new Map(),
    isBroken: false,
    losesAnswer: false,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return fake
}
