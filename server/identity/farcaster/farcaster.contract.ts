import { z } from 'zod'
import { evmAddress, Nothing } from '#server/platform/core/common.contract.ts'
import { secret } from '#server/platform/core/secret-fields.contract.ts'

export { Nothing }

/** Identity tokens and session tokens have some hundred characters. */
const token = z.string().max(8192)

export const VerifyFarcaster = z.object({
  fidToken: token.optional().describe("Identity token of Farcaster's quick auth. Without it the answer is 401."),
  address: evmAddress.optional().describe('Wallet whose balance of the token of this server is checked as well. Nobody proves to hold it.'),
})
export type VerifyFarcaster = z.infer<typeof VerifyFarcaster>

const FarcasterAccess = z.enum(['basic', 'premium']).meta({
  id: 'FarcasterAccess',
  description: 'What was checked. It opens nothing on this server.',
  'x-enumDescriptions': { basic: 'The identity was verified.', premium: 'The wallet that was named has enough of the token, too.' },
})

export const FarcasterVerified = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    sessionToken: secret(z.string().describe('Says for 24 hours that this was verified: `data.signature`, both in base64url.')),
    address: z.string().nullable().describe('The wallet whose balance was checked; null without one.'),
    message: z.string().describe('The result in words.'),
    tokenGated: z.boolean().describe('Whether a balance was checked.'),
    accessLevel: FarcasterAccess,
  })
  .meta({ id: 'FarcasterVerified', description: 'A Farcaster identity that was verified.' })
export type FarcasterVerified = z.infer<typeof FarcasterVerified>

export const RefreshFarcaster = z.object({
  refreshToken: token.min(1, 'expected a session token of this server').describe('A session token of this server that has not expired.'),
})
export type RefreshFarcaster = z.infer<typeof RefreshFarcaster>

/** How long a session token is good for. */
export const SESSION_SECONDS = 86_400

export const FarcasterRefreshed = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    sessionToken: secret(z.string().describe('The new session token.')),
    expiresIn: z.literal(SESSION_SECONDS).describe('Seconds it is good for.'),
    message: z.string().describe('The result in words.'),
  })
  .meta({ id: 'FarcasterRefreshed', description: 'A session token that was renewed.' })
export type FarcasterRefreshed = z.infer<typeof FarcasterRefreshed>

export const EndpointCard = z
  .object({
    endpoint: z.string().describe('Path of the call.'),
    methods: z.array(z.string()).describe('Methods that do something there.'),
    description: z.string().describe('What it does.'),
    required: z.array(z.string()).describe('Fields its body has to have.'),
    optional: z.array(z.string()).optional().describe('Fields its body can have.'),
  })
  .meta({ id: 'EndpointCard', description: 'What a call is for and takes.' })
export type EndpointCard = z.infer<typeof EndpointCard>
