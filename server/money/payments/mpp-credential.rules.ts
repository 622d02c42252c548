import { Credential, type Challenge } from 'mppx'
import { Methods, Proof } from 'mppx/tempo'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import { PaymentRefused } from './mpp.errors.ts'

/** A credential as this server documents it: JSON after `Authorization: Payment `. */
const MppCredential = z.object({
  scheme: z.literal('Payment'),
  transaction: z.string().regex(/^0x76[0-9a-fA-F]*$/),
  challengeNonce: z.string(),
})

/** What the payer gives: a signed transaction that this server sends, or the hash of one that was sent already. */
export type Payload = { type: 'transaction'; transaction: Hex } | { type: 'hash'; hash: Hex }

/** A credential that was read, and not checked any further. */
export type ReadCredential =
  | { form: 'documented'; challengeId: string; payload: Payload }
  /** The form of the protocol's own clients. `source` is who they say pays. */
  | {
      form: 'standard'
      challengeId: string
      challenge: Challenge.Challenge
      payload: Payload
      source?: { address: Address; chainId: number }
    }

/** Far above any transaction that makes one transfer. */
const MAX_CHARACTERS = 32_768

/**
 * Reads the value of an Authorization header in either of its forms, `Payment {"scheme":"Payment",...}` and
 * `Payment <base64url>`.
 *
 * @throws PaymentRefused
 */
export function readCredential(authorization: string): ReadCredential {
  if (authorization.length > MAX_CHARACTERS) throw new PaymentRefused('The payment credential is too long.')
  const json = /^Payment\s+(\{.*)$/is.exec(authorization)?.[1]
  return json === undefined ? readStandard(authorization) : readDocumented(json)
}

function readDocumented(json: string): ReadCredential {
  const { success, data, error } = MppCredential.safeParse(parseJson(json))
  if (!success) {
    const fields = [...new Set(error.issues.map(({ path }) => path.join('.') || 'all of it'))].join(', ')
    throw new PaymentRefused(`The payment credential is not of the documented form: ${fields}.`)
  }
  return {
    form: 'documented',
    challengeId: data.challengeNonce,
    payload: { type: 'transaction', transaction: data.transaction.toLowerCase() as Hex },
  }
}

function readStandard(authorization: string): ReadCredential {
  const { challenge, payload: rawPayload, source } = deserialize(authorization)
  const payload = Methods.charge.schema.credential.payload.safeParse(rawPayload)
  if (!payload.success) throw new PaymentRefused('The payload of the payment credential is neither a transaction nor the hash of one.')
  const form = { form: 'standard', challengeId: challenge.id, challenge, ...readSource(source) } as const
  switch (payload.data.type) {
    case 'transaction':
      return { ...form, payload: { type: 'transaction', transaction: payload.data.signature.toLowerCase() as Hex } }
    case 'hash':
      return { ...form, payload: { type: 'hash', hash: payload.data.hash.toLowerCase() as Hex } }
    case 'proof':
      throw new PaymentRefused('A proof pays only for calls that cost nothing; this one needs a transaction.')
  }
}

function deserialize(authorization: string): Credential.Credential {
  try {
    return Credential.deserialize(authorization)
  } catch {
    throw new PaymentRefused('The payment credential cannot be read: it is neither JSON nor base64url of JSON.')
  }
}

function readSource(source: string | undefined): { source?: { address: Address; chainId: number } } {
  if (!source) return {}
  const parsed = Proof.parsePkhSource(source)
  if (!parsed) throw new PaymentRefused('The source of the payment credential is not of the form did:pkh:eip155:<chain>:<address>.')
  return { source: parsed }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
