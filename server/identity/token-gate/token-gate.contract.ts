import { z } from 'zod'
import { evmAddress, timestamp } from '#server/platform/core/common.contract.ts'

export const CheckTokenAccess = z.object({ address: evmAddress.describe('Wallet to check.') })
export type CheckTokenAccess = z.infer<typeof CheckTokenAccess>

export const VerifyTokenAccess = z.object({
  fid: z
    .string()
    .min(1, 'expected the number of a Farcaster user')
    .max(32)
    .describe('Number of a Farcaster user. It is repeated, not checked.'),
  address: evmAddress.describe('Wallet to check. Nobody proves to hold it.'),
})
export type VerifyTokenAccess = z.infer<typeof VerifyTokenAccess>

const shape = {
  address: evmAddress.describe('The wallet.'),
  hasAccess: z.boolean().describe('Whether it has enough of the token.'),
  tokenGated: z.boolean().describe('Whether there is a token to have enough of.'),
  minBalance: z.string().regex(/^\d+$/).describe("Least it has to have, in the token's smallest unit."),
  token: z.string().describe('Symbol of the token, as its contract says.'),
  chain: z.string().describe('Chain the balance was read from.'),
}

export const TokenAccess = z
  .object({ ...shape, contractAddress: evmAddress.describe('Contract of the token.') })
  .meta({ id: 'TokenAccess', description: 'Whether a wallet has enough of the token of this server, as the chain says now.' })
export type TokenAccess = z.infer<typeof TokenAccess>

export const FarcasterTokenAccess = z
  .object({
    ...shape,
    fid: z.string().describe('The Farcaster user that was named.'),
    message: z.string().describe('The result in words.'),
    timestamp: timestamp.describe('When the balance was read.'),
  })
  .meta({ id: 'FarcasterTokenAccess', description: 'The same, for a wallet that a Farcaster user is said to have.' })
export type FarcasterTokenAccess = z.infer<typeof FarcasterTokenAccess>
