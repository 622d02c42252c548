import { farcasterDomain, verifyFarcasterToken } from '#server/integrations/farcaster/index.ts'
import { sha256, type Context } from '#server/platform/core/index.ts'
import { readTokenAccess } from '../token-gate/index.ts'
import { refreshCard, verifyCard } from './cards.ts'
import {
  SESSION_SECONDS,
  type EndpointCard,
  type FarcasterRefreshed,
  type FarcasterVerified,
  type RefreshFarcaster,
  type VerifyFarcaster,
} from './farcaster.contract.ts'
import { FarcasterSessionRefused, FarcasterTokenMissing, NotEnoughTokens } from './farcaster.errors.ts'
import { readSessionToken, signSessionToken } from './session-tokens.ts'

/** Longest an identity counts without being verified again. */
const MAX_SECONDS = 30 * 86_400

export const describeVerify = async (): Promise<EndpointCard> => verifyCard

export const describeRefresh = async (): Promise<EndpointCard> => refreshCard

const nowInSeconds = (): number => Math.floor(Date.now() / 1000)

/**
 * Verifies a Farcaster identity, and reads the balance of a wallet that is named with it. What comes of it opens nothing here:
 * anybody can name any wallet.
 *
 * @throws FarcasterNotConfigured, FarcasterTokenMissing, FarcasterTokenRefused, FarcasterUnavailable; with an address also
 *   TokenGateNotConfigured, ChainUnreadable, NotEnoughTokens.
 */
export async function verifyFarcaster({ platform }: Context, { fidToken, address }: VerifyFarcaster): Promise<FarcasterVerified> {
  farcasterDomain(platform.env)
  if (!fidToken) throw new FarcasterTokenMissing()
  const fid = await verifyFarcasterToken(platform, fidToken)
  if (address !== undefined) {
    const { hasAccess, token, minBalance } = await readTokenAccess(platform, address)
    if (!hasAccess) throw new NotEnoughTokens(token, minBalance)
  }
  const now = nowInSeconds()
  const claims = { fid, fidToken: sha256(fidToken), address: address ?? null, verified: true, since: now, iat: now } as const
  return {
    success: true,
    sessionToken: signSessionToken(platform.secrets, { ...claims, exp: now + SESSION_SECONDS }),
    address: claims.address,
    message: 'Verified.',
    tokenGated: address !== undefined,
    accessLevel: address === undefined ? 'basic' : 'premium',
  }
}

/**
 * Renews a session token, for 30 days from when the identity was verified. The balance is read again.
 *
 * @throws FarcasterSessionRefused, FarcasterNotConfigured, TokenGateNotConfigured, ChainUnreadable
 */
export async function refreshFarcaster({ platform }: Context, { refreshToken }: RefreshFarcaster): Promise<FarcasterRefreshed> {
  const now = nowInSeconds()
  const claims = readSessionToken(platform.secrets, refreshToken)
  if (!claims) throw new FarcasterSessionRefused('it is no session token of this server.')
  if (claims.exp <= now) throw new FarcasterSessionRefused('it has expired.')
  if (claims.since + MAX_SECONDS <= now) throw new FarcasterSessionRefused('the identity has to be verified again after 30 days.')
  farcasterDomain(platform.env)
  if (claims.address !== null && !(await readTokenAccess(platform, claims.address)).hasAccess)
    throw new FarcasterSessionRefused('the wallet does not hold enough tokens any more.')
  const sessionToken = signSessionToken(platform.secrets, { ...claims, iat: now, exp: now + SESSION_SECONDS })
  return { success: true, sessionToken, expiresIn: SESSION_SECONDS, message: 'Renewed.' }
}
