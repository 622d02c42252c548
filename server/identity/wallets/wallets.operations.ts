import { Identity } from '../identities/identities.contract.ts'
import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './wallets.contract.ts'
import { examples } from './wallets.examples.ts'
import * as service from './wallets.service.ts'

export const wallets = {
  nonce: defineQuery({
    name: 'wallets.nonce',
    summary: 'Get a nonce for wallet sign-in',
    description: 'It is good once and for 10 minutes.',
    access: 'public',
    bucket: 'general',
    input: contract.Nothing,
    output: contract.WalletNonce,
    example: examples.nonce,
    run: service.createNonce,
  }),
  signIn: defineMutation({
    name: 'wallets.signIn',
    summary: 'Sign in with a wallet (SIWE)',
    description:
      'Sets the session cookie, for 30 days. A wallet nobody has signed in with becomes that of a new account. Wallets that are contracts are accepted too, also before they are deployed (ERC-6492), on chains this server is connected to; while such a chain does not answer, the answer is 503.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    input: contract.SignInWithWallet,
    output: contract.SignedInUser,
    example: examples.signIn,
    run: service.signInWithWallet,
  }),
  startLink: defineMutation({
    name: 'wallets.startLink',
    summary: 'Get a nonce for linking a wallet',
    description: 'It is good once, for 10 minutes and for whoever asked for it. A message with it signs nobody in.',
    access: 'fresh',
    isPersonal: true,
    bucket: 'general',
    transaction: false,
    input: contract.Nothing,
    output: contract.WalletNonce,
    example: examples.startLink,
    run: service.startLink,
  }),
  link: defineMutation({
    name: 'wallets.link',
    summary: 'Link a wallet',
    description: 'Whoever holds it can sign in with it from then on. `identities.unlink` takes it away again.',
    access: 'fresh',
    isPersonal: true,
    bucket: 'general',
    transaction: false,
    input: contract.LinkWallet,
    output: Identity,
    example: examples.link,
    run: service.linkWallet,
  }),
}
