import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Challenge } from 'mppx'
import { Methods } from 'mppx/tempo'
import { isAddressEqual, isHex, type Address } from 'viem'
import { formatUsd } from '#server/platform/money/index.ts'
import type { ReadCredential } from './mpp-credential.rules.ts'
import { PaymentRefused } from './mpp.errors.ts'
import type { Price } from './payment.ts'

/** How long a challenge can be answered. */
export const CHALLENGE_SECONDS = 300

/** Decimals of every stablecoin on Tempo: its smallest unit is a millionth of a dollar. */
const DECIMALS = 6

/** Everything a payment is bound to. */
export interface Terms {
  /** Host of this server. */
  realm: string
  chainId: number
  currency: Address
  recipient: Address
  price: Price
}

/** A challenge and when it expires, Unix time in milliseconds. */
export interface IssuedChallenge {
  challenge: Challenge.Challenge
  expiresAt: number
}

/**
 * A challenge to pay for one call. Nothing is stored of it: its id is when it expires, a random salt, and an HMAC
 * over both and all of `terms`, so a credential that says the id alone can be checked too.
 */
export function issueChallenge(terms: Terms, secretKey: string, now: number): IssuedChallenge {
  const expiresAt = now + CHALLENGE_SECONDS * 1000
  return { challenge: build(terms, secretKey, expiresAt, randomBytes(12).toString('base64url')), expiresAt }
}

function build({ realm, chainId, currency, recipient, price }: Terms, secretKey: string, expiresAt: number, salt: string) {
  const challenge = Challenge.fromMethod(Methods.charge, {
    realm,
    secretKey,
    expires: new Date(expiresAt).toISOString(),
    description: price.description,
    meta: { plugin: price.plugin, salt },
    request: { amount: formatUsd(price.amountMicroUsd), decimals: DECIMALS, currency, recipient, chainId },
  })
  return { ...challenge, id: [expiresAt.toString(36), salt, challenge.id].join('.') }
}

/**
 * The value of the WWW-Authenticate header: what this server documents first, then what the protocol asks for,
 * whose clients pass over parameters they do not know.
 */
export function writeAuthenticate(challenge: Challenge.Challenge, { currency, recipient, price }: Terms): string {
  const documented = `Payment amount="${formatUsd(price.amountMicroUsd)}", currency="${currency}", recipient="${recipient}"`
  return `${documented}, ${Challenge.serialize(challenge).replace(/^Payment /, '')}`
}

/**
 * Checks that a credential answers a challenge of this server for this very call. Whether it has expired is for
 * the caller to look at.
 *
 * @returns when the challenge expires, Unix time in milliseconds.
 * @throws PaymentRefused
 */
export function checkChallenge(terms: Terms, secretKey: string, credential: ReadCredential): number {
  const [, expiry, salt, mac] = /^([0-9a-z]{1,9})\.([\w-]{16})\.([\w-]{43})$/.exec(credential.challengeId) ?? []
  if (!expiry || !salt || !mac) throw new PaymentRefused(notOurs[credential.form])
  if (credential.form === 'standard') {
    if (!Challenge.verify({ ...credential.challenge, id: mac }, { secretKey })) throw new PaymentRefused(notOurs.standard)
    checkBinding(credential.challenge, terms)
  }
  const expiresAt = parseInt(expiry, 36)
  if (!isSameText(credential.challengeId, build(terms, secretKey, expiresAt, salt).id)) throw new PaymentRefused(notOurs[credential.form])
  return expiresAt
}

/** Takes as long for a guess that is nearly right. */
const isSameText = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

const notOurs = {
  documented: 'challengeNonce is no open challenge for this plugin at this price.',
  standard: 'The challenge in the payment credential was altered, or is none of this server.',
}

/** The challenge is ours; this says in what it is not for this call. */
function checkBinding({ realm, method, intent, request, opaque }: Challenge.Challenge, terms: Terms): void {
  const { amount, currency, recipient, methodDetails } = request as Record<string, unknown>
  const { chainId } = (methodDetails ?? {}) as Record<string, unknown>
  const problems: [boolean, string][] = [
    [realm === terms.realm, `realm, which is ${terms.realm} here`],
    [method === Methods.charge.name && intent === Methods.charge.intent, 'method of payment'],
    [amount === String(terms.price.amountMicroUsd), `amount; the call costs ${formatUsd(terms.price.amountMicroUsd)} dollars`],
    [isSameAddress(currency, terms.currency), 'currency'],
    [isSameAddress(recipient, terms.recipient), 'recipient'],
    [chainId === terms.chainId, 'chain'],
    [pluginOf(opaque) === terms.price.plugin, 'plugin'],
  ]
  const wrong = problems.find(([fits]) => !fits)
  if (wrong) throw new PaymentRefused(`The challenge in the payment credential is for another ${wrong[1]}.`)
}

const isSameAddress = (value: unknown, address: Address): boolean => isHex(value) && value.length === 42 && isAddressEqual(value, address)

const pluginOf = (opaque: string | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(opaque ?? '', 'base64url').toString()).plugin
  } catch {
    return undefined
  }
}
