import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

/** Where passkeys of the test server are made: its APP_URL. */
const ORIGIN = 'http://localhost:3000'
const RP_ID = 'localhost'

/** What can be wrong with an answer. */
export interface Deviation {
  origin?: string
  rpId?: string
  /** In base64url; the one of the options by default. */
  challenge?: string
  type?: string
  /** How often it has signed, as it says. */
  counter?: number
  isUserVerified?: boolean
  /** Of the attestation statement. */
  format?: string
  statement?: Map<string, unknown>
}

type Options = Record<string, unknown>

/** A device that keeps one passkey: the key pair is real, and so is all it signs. */
export interface Authenticator {
  credentialId: string
  /** Answers `navigator.credentials.create`. */
  create(options: Options, deviation?: Deviation): { id: string; [field: string]: unknown }
  /** Answers `navigator.credentials.get`. @returns JSON. */
  get(options: Options, deviation?: Deviation): string
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()
const base64url = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url')

const PRESENT = 0x01
const VERIFIED = 0x04
const HAS_CREDENTIAL = 0x40

export function createAuthenticator(): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const id = randomBytes(32)
  const credentialId = base64url(id)
  let count = 0

  const clientData = (type: string, options: Options, { origin = ORIGIN, challenge, type: other = type }: Deviation) =>
    JSON.stringify({ type: other, challenge: challenge ?? options.challenge, origin, crossOrigin: false })
  const authData = ({ rpId = RP_ID, isUserVerified = true, counter = ++count }: Deviation, credential?: Buffer) => {
    const tail = Buffer.alloc(5)
    tail[0] = PRESENT | (isUserVerified ? VERIFIED : 0) | (credential ? HAS_CREDENTIAL : 0)
    tail.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(rpId), tail, ...(credential ? [credential] : [])])
  }
  // COSE: an elliptic curve key (2) for ES256 (-7) on P-256 (1).
  const coseKey = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Uint8Array.from(Buffer.from(x!, 'base64url'))],
      [-3, Uint8Array.from(Buffer.from(y!, 'base64url'))],
    ]) as never,
  )
  const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseKey])

  return {
    credentialId,
    create(options, deviation = {}) {
      const { format = 'none', statement = new Map() } = deviation
      const attestation = new Map<string, unknown>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', Uint8Array.from(authData(deviation, attested))],
      ])
      const response = {
        clientDataJSON: base64url(clientData('webauthn.create', options, deviation)),
        attestationObject: base64url(isoCBOR.encode(attestation as never)),
        transports: ['internal'],
      }
      return { id: credentialId, rawId: credentialId, type: 'public-key', response, clientExtensionResults: {} }
    },
    get(options, deviation = {}) {
      const data = clientData('webauthn.get', options, deviation)
      const authenticatorData = authData(deviation)
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(data)]), privateKey)
      const response = {
        clientDataJSON: base64url(data),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(signature),
      }
      return JSON.stringify({ id: credentialId, rawId: credentialId, type: 'public-key', response, clientExtensionResults: {} })
    },
  }
}
