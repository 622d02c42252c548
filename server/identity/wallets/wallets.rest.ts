import { bind } from '#server/platform/operations/index.ts'
import { SignedIn } from '../accounts/accounts.rest.ts'
import { wallets } from './wallets.operations.ts'

const signIn = {
  tag: 'auth',
  operation: wallets.signIn,
  output: SignedIn,
  body: (user: unknown) => ({ ok: true, user }),
  errors: [401, 403, 503],
} as const

export const walletsRest = {
  nonce: bind({ id: 'getAuthNonce', tag: 'auth', operation: wallets.nonce }),
  createNonce: bind({ id: 'createAuthNonce', tag: 'auth', operation: wallets.nonce }),
  signIn: bind({ ...signIn, id: 'signInWithWallet' }),
  signInAlias: bind({ ...signIn, id: 'signInWithWalletAlias' }),
  startLink: bind({ id: 'startWalletLink', tag: 'auth', operation: wallets.startLink, errors: [403] }),
  link: bind({ id: 'linkWallet', tag: 'auth', operation: wallets.link, errors: [403, 409, 503] }),
}
