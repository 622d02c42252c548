import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'

/** What can be wrong with a token. */
export interface TokenDeviation {
  claims?: JWTPayload & { sub?: unknown }
  /** Seconds from now. */
  expiresIn?: number
  /** Signed with another key under the same name. */
  isForged?: boolean
  /** The name of the key in its header. */
  keyId?: string
}

/** The auth server of Farcaster's quick auth, as far as its tokens are checked. */
export interface FakeFarcaster {
  url: string
  /** While true it answers 500. */
  isBroken: boolean
  /** How often its keys were fetched. */
  fetched: number
  /** A token of a user for an app, as the real one signs it: the number of the user is a number in it. */
  sign(fid: number, domain: string, deviation?: TokenDeviation): Promise<string>
  close(): Promise<void>
}

const KEY_ID = 'quick-auth-1'

export async function startFakeFarcaster(): Promise<FakeFarcaster> {
  const [{ privateKey, publicKey }, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const keys = [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }]
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/.well-known/jwks.json') return void response.writeHead(404).end()
    fake.fetched += 1
    if (fake.isBroken) return void response.writeHead(500).end()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fake: FakeFarcaster = {
    url,
    isBroken: false,
    fetched: 0,
    sign(fid, domain, { claims = {}, expiresIn = 3600, isForged = false, keyId = KEY_ID } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const payload = { sub: fid, iss: url, aud: domain, iat: now, exp: now + expiresIn, ...claims } as unknown as JWTPayload
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: keyId }).sign(isForged ? other.privateKey : privateKey)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return fake
}
