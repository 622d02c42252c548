import { operations } from '#server/operations.ts'
import { exposeMutations, exposeQueries } from './expose.ts'

const { farcaster, identities, passkeys, tokenGate, wallets } = operations

exposeQueries({
  identities: identities.list,
  tokenAccess: tokenGate.check,
  walletNonce: wallets.nonce,
})

exposeMutations({
  linkWallet: wallets.link,
  refreshFarcasterSession: farcaster.refresh,
  signInWithPasskey: passkeys.signIn,
  signInWithWallet: wallets.signIn,
  startPasskeySignIn: passkeys.startSignIn,
  startWalletLink: wallets.startLink,
  unlinkIdentity: identities.unlink,
  verifyFarcaster: farcaster.verify,
  verifyTokenAccess: tokenGate.verify,
})
