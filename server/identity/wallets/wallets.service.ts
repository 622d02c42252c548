import { randomBase62, type Context, type SessionContext } from '#server/platform/core/index.ts'
import { walletChainIds } from '#server/integrations/chains/index.ts'
import { countIn } from '#server/platform/operations/index.ts'
import { completeSignIn, issueOneTimeToken } from '../auth/index.ts'
import type { Identity } from '../identities/identities.contract.ts'
import { findIdentity, insertIdentity, linkIdentity, touchIdentity, WALLETS } from '../identities/index.ts'
import { findUser, signUp } from '../users/index.ts'
import { proveWallet, type ProvenWallet } from './prove-wallet.ts'
import { MESSAGE_SECONDS } from './siwe.rules.ts'
import type { LinkWallet, SignedInUser, SignInWithWallet, WalletNonce } from './wallets.contract.ts'
import { WalletRefused } from './wallets.errors.ts'

// A message that was signed to sign in must not be good to link the wallet to somebody else, nor the other way round.
const SIGN_IN = 'wallet sign-in'
const LINK = 'wallet link'

/** The grammar wants letters and digits, 8 or more; these are 128 bits. */
const NONCE_BYTES = 16

async function issueNonce(ctx: Context, purpose: string, userId?: string): Promise<WalletNonce> {
  const nonce = randomBase62(NONCE_BYTES)
  const now = Date.now()
  await issueOneTimeToken(ctx.platform.databases.system, {
    purpose,
    token: nonce,
    seconds: MESSAGE_SECONDS,
    ...(userId === undefined ? {} : { userId }),
  })
  const [issuedAt, expiresAt] = [now, now + MESSAGE_SECONDS * 1000].map((time) => new Date(time).toISOString()) as [string, string]
  return { nonce, issuedAt, expiresAt, chainIds: [...walletChainIds] }
}

/** A nonce to sign in with. */
export const createNonce = (ctx: Context): Promise<WalletNonce> => issueNonce(ctx, SIGN_IN)

/** A nonce to link a wallet with; good for the person who asked for it alone. */
export const startLink = (ctx: SessionContext): Promise<WalletNonce> => issueNonce(ctx, LINK, ctx.actor.user.id)

/**
 * Signs in whoever holds a wallet and sets the session cookie. A wallet nobody has signed in with becomes that of a new person,
 * without an address.
 *
 * @throws InvalidInput, WalletRefused, ChainUnavailable, UnexpectedChain; for a new person SignupsClosed, InviteRequired; Suspended;
 *   and what the second factor asks for.
 */
export async function signInWithWallet(ctx: Context, { referralCode, ...signed }: SignInWithWallet): Promise<SignedInUser> {
  const wallet = await proveWallet(ctx.platform, SIGN_IN, signed)
  const user = (await findHolder(ctx, wallet)) ?? (await createHolder(ctx, wallet, referralCode))
  await completeSignIn(ctx, user.id, { method: 'wallet', isTwoFactor: false })
  return { id: user.id, name: user.name }
}

async function findHolder({ platform }: Context, { subject }: ProvenWallet): Promise<{ id: string; name: string } | undefined> {
  const { system } = platform.databases
  const identity = await findIdentity(system, WALLETS, subject)
  if (!identity) return undefined
  await touchIdentity(system, WALLETS, subject)
  return findUser(system, identity.userId)
}

/** Somebody else was quicker. */
class HolderKnown extends Error {}

async function createHolder(ctx: Context, wallet: ProvenWallet, referralCode: string | undefined): Promise<{ id: string; name: string }> {
  // New wallets cost nothing, so they count like registrations.
  await countIn(ctx, 'register')
  const { address, subject, label } = wallet
  const person = { email: null, name: `Wallet ${address.slice(0, 6)}...${address.slice(-4)}`, isEmailVerified: false }
  const identity = { issuer: WALLETS, subject, label }
  try {
    return await signUp(ctx, person, {
      referralCode,
      also: async (db, userId) => {
        if (!(await insertIdentity(db, { ...identity, userId }))) throw new HolderKnown()
      },
    })
  } catch (error) {
    // Of two sign-ins at once with a new wallet one makes the person, and both are theirs.
    const user = error instanceof HolderKnown ? await findHolder(ctx, wallet) : undefined
    if (!user) throw error
    return user
  }
}

/**
 * Adds a wallet to the ways the person who is signed in can sign in.
 *
 * @throws InvalidInput, WalletRefused, IdentityTaken, IdentityLimitReached, ChainUnavailable, UnexpectedChain
 */
export async function linkWallet(ctx: SessionContext, input: LinkWallet): Promise<Identity> {
  const { user } = ctx.actor
  const { subject, label, nonce } = await proveWallet(ctx.platform, LINK, input)
  if (nonce.userId !== user.id) throw new WalletRefused('message: its nonce was given out to somebody else.')
  return linkIdentity(ctx, { issuer: WALLETS, subject, label })
}
