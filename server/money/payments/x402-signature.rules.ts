import { createHash } from 'node:crypto'
import { Types } from 'mppx/x402'
import { isAddress, isAddressEqual, type Address, type Hex } from 'viem'
import { PaymentRefused } from './mpp.errors.ts'
import { assetOf, requirementsOf, type X402Terms } from './x402-terms.rules.ts'

/** Far above any payment, also those of wallets that are contracts. */
const MAX_CHARACTERS = 16_384
/** One that lapses sooner could not be settled any more once the work is done. */
const LEAST_SECONDS_LEFT = 30

/** A payment that was read, and not checked any further. */
export interface ReadSignature {
  payload: Types.PaymentPayload
  /** Of the very text, which only its sender knows before it is settled, and where the client sends our extension back also after. */
  credentialHash: string
  authorization: { from: Address; to: Address; value: bigint; validAfter: number; validBefore: number; nonce: Hex }
}

/** Reads the value of a PAYMENT-SIGNATURE header. @throws PaymentRefused */
export function readSignature(header: string): ReadSignature {
  const text = header.trim()
  if (text.length > MAX_CHARACTERS) throw new PaymentRefused('The PAYMENT-SIGNATURE is too long.')
  const payload = readPayload(parseJson(text))
  const { from, to, value, validAfter, validBefore, nonce } = payload.payload.authorization
  return {
    payload,
    credentialHash: createHash('sha256').update(text).digest('hex'),
    authorization: {
      from: from.toLowerCase() as Address,
      to: to.toLowerCase() as Address,
      value: BigInt(value),
      validAfter: secondsOf('validAfter', validAfter),
      validBefore: secondsOf('validBefore', validBefore),
      nonce: nonce.toLowerCase() as Hex,
    },
  }
}

type Eip3009Payload = Types.PaymentPayload & { payload: Types.ExactEip3009Payload }

function readPayload(json: unknown): Eip3009Payload {
  const { x402Version, payload } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  if (x402Version !== 2) throw new PaymentRefused('The PAYMENT-SIGNATURE is not of x402 version 2: x402Version has to be 2.')
  if (typeof payload === 'object' && payload !== null && 'permit2Authorization' in payload)
    throw new PaymentRefused('The PAYMENT-SIGNATURE pays by permit2; this server takes eip3009 (transferWithAuthorization) only.')
  const signed = Types.ExactEip3009PayloadSchema.safeParse(payload)
  const whole = Types.PaymentPayloadSchema.safeParse(json)
  if (signed.success && whole.success) return { ...whole.data, payload: signed.data }
  const inside = (signed.error?.issues ?? []).map(({ path }) => ['payload', ...path])
  const around = (whole.error?.issues ?? []).map(({ path }) => path).filter(([first]) => first !== 'payload')
  const fields = [...new Set([...around, ...inside].map((path) => path.join('.')))].join(', ')
  throw new PaymentRefused(`The PAYMENT-SIGNATURE lacks something, or has it in a wrong form: ${fields}.`)
}

function parseJson(text: string): unknown {
  try {
    if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return JSON.parse(Buffer.from(text, 'base64').toString())
  } catch {
    // Told below, as what is no base64 is.
  }
  throw new PaymentRefused('The PAYMENT-SIGNATURE cannot be read: it is no base64 of JSON.')
}

/** As Unix time in seconds: later than any clock can say is for ever. */
function secondsOf(field: string, text: string): number {
  if (text.length > 78) throw new PaymentRefused(`The ${field} of the authorization is no time.`)
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** Checks that a payment is for this very call, whenever it was signed. @throws PaymentRefused naming what is not. */
export function checkSignature({ payload: { accepted, resource }, authorization }: ReadSignature, terms: X402Terms): void {
  const wanted = requirementsOf(terms)
  const { name, version } = assetOf(terms.chainId).transfer
  const problems: [boolean, string][] = [
    [accepted.scheme === wanted.scheme, `scheme; here it is ${wanted.scheme}`],
    [accepted.network === wanted.network, `network; here it is ${wanted.network}`],
    [isSameAddress(accepted.asset, wanted.asset), `asset; here it is ${wanted.asset}`],
    [accepted.amount === wanted.amount, `amount; the call costs ${wanted.amount} units`],
    [isSameAddress(accepted.payTo, wanted.payTo), `payTo; here it is ${wanted.payTo}`],
    [accepted.maxTimeoutSeconds === wanted.maxTimeoutSeconds, `maxTimeoutSeconds; here it is ${wanted.maxTimeoutSeconds}`],
    [isSameExtra(accepted.extra, { name, version }), `name or version of the token; here they are ${name} and ${version}`],
    [resource === undefined || resource.url === terms.resource, `resource; here it is ${terms.resource}`],
    [isAddressEqual(authorization.to, terms.recipient), `recipient (to); here it is ${wanted.payTo}`],
    [String(authorization.value) === wanted.amount, `value; the call costs ${wanted.amount} units`],
  ]
  const wrong = problems.find(([fits]) => !fits)
  if (wrong) throw new PaymentRefused(`The PAYMENT-SIGNATURE is for another ${wrong[1]}.`)
}

const isSameAddress = (value: string, address: string): boolean =>
  isAddress(value, { strict: false }) && isAddressEqual(value, address as Address)

const isSameExtra = (
  { name, version, assetTransferMethod = 'eip3009' }: Record<string, unknown> = {},
  token: { name?: string | undefined; version?: string | undefined },
): boolean => name === token.name && version === token.version && assetTransferMethod === 'eip3009'

/** Checks that an authorization can be settled now, and still can when the work is done. @throws PaymentRefused */
export function checkValidity({ authorization: { validAfter, validBefore } }: ReadSignature, nowSeconds: number): void {
  if (validAfter > nowSeconds) throw new PaymentRefused('The authorization is not valid yet (validAfter).')
  if (validBefore <= nowSeconds) throw new PaymentRefused('The authorization has expired (validBefore).')
  if (validBefore < nowSeconds + LEAST_SECONDS_LEFT)
    throw new PaymentRefused(`The authorization has to stay valid for ${LEAST_SECONDS_LEFT} seconds at least (validBefore).`)
}
