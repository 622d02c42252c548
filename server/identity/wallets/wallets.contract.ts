import { z } from 'zod'
import { evmAddress, Nothing, timestamp } from '#server/platform/core/common.contract.ts'
import { SignedInUser } from '../accounts/accounts.contract.ts'

export { Nothing, SignedInUser }

/** A message of one page; wallets of contracts can have long signatures, as they bring what deploys them. */
const MAX_MESSAGE = 2_000
const MAX_SIGNATURE = 16_384

export const WalletNonce = z
  .object({
    nonce: z.string().min(8).describe('Goes into the message. It is good once and for 10 minutes.'),
    issuedAt: timestamp.describe('Now, by the clock of this server: fit for `Issued At` of the message.'),
    expiresAt: timestamp.describe('When it is no longer good: fit for `Expiration Time`.'),
    chainIds: z
      .array(z.int())
      .max(20)
      .describe('Chains the message can be for (`Chain ID`); for a wallet with a key of its own any of them will do.'),
  })
  .meta({ id: 'WalletNonce', description: 'What a message to be signed by a wallet needs to be good.' })
export type WalletNonce = z.infer<typeof WalletNonce>

const signed = {
  address: evmAddress.describe('The wallet. Case does not matter.'),
  message: z
    .string()
    .min(1, 'expected the signed message')
    .max(MAX_MESSAGE)
    .describe(
      'The whole signed message (EIP-4361), with a nonce of this server and an expiration time at most 10 minutes after it was issued.',
    ),
  signature: z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/, 'expected 0x and hex digits')
    .max(MAX_SIGNATURE)
    .describe('Of the message, by the wallet (EIP-191, ERC-1271, ERC-6492).'),
}

export const SignInWithWallet = z.object({
  ...signed,
  referralCode: z
    .string()
    .max(20)
    .regex(/^[A-Za-z0-9-]*$/, 'expected letters, digits and hyphens')
    .optional()
    .describe('For a wallet nobody has signed in with yet, as in registering with an email.'),
})
export type SignInWithWallet = z.infer<typeof SignInWithWallet>

export const LinkWallet = z.object(signed)
export type LinkWallet = z.infer<typeof LinkWallet>
