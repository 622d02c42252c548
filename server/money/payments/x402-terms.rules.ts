import { randomBytes } from 'node:crypto'
import { Header, type Types, assets } from 'mppx/x402'
import type { Address } from 'viem'
import { unitsOfMicroUsd } from '#server/platform/money/index.ts'
import type { Price } from './payment.ts'

/** How long an authorization has to be good for, which the payer signs; the protocol's own clients do. */
const MAX_TIMEOUT_SECONDS = 300

/** Everything a payment is for. */
export interface X402Terms {
  chainId: number
  recipient: Address
  /** Address of what is sold. */
  resource: string
  price: Price
}

/** USDC on the chain that is used, with the names its payers sign. */
export const assetOf = (chainId: number) => (chainId === 8453 ? assets.base.USDC : assets.baseSepolia.USDC)

/** What has to be paid, as the protocol says it. */
export function requirementsOf({ chainId, recipient, price }: X402Terms): Types.PaymentRequirements {
  const { address, network, transfer } = assetOf(chainId)
  return {
    scheme: 'exact',
    network,
    asset: address,
    amount: String(unitsOfMicroUsd(price.amountMicroUsd)),
    payTo: recipient,
    maxTimeoutSeconds: MAX_TIMEOUT_SECONDS,
    extra: { assetTransferMethod: 'eip3009', name: transfer.name, version: transfer.version },
  }
}

/**
 * What to pay, for a call that was not paid. Clients send all of it back with their payment, the random number of its extension
 * too: what they signed is on the chain for everybody to see afterwards, and that number is not.
 */
export function writeOffer(terms: X402Terms, reason: string | undefined): Types.PaymentRequired {
  return {
    x402Version: 2,
    error: reason ?? 'PAYMENT-SIGNATURE header is required',
    resource: { url: terms.resource, description: terms.price.description, mimeType: 'application/json' },
    accepts: [requirementsOf(terms)],
    extensions: {
      agentbot: {
        info: { call: randomBytes(16).toString('base64url') },
        schema: { type: 'object', properties: { call: { type: 'string' } }, required: ['call'] },
      },
    },
  }
}

/** What was paid, as the protocol's clients read it. */
export const writeReceipt = (network: string, payer: string, transaction: string): string =>
  Header.encodePaymentResponse({ success: true, transaction, network, payer })

/** For the PAYMENT-REQUIRED header. */
export const encodeOffer = (offer: Types.PaymentRequired): string => Header.encodePaymentRequired(offer)
