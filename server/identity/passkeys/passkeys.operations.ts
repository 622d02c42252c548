import { Nothing } from '#server/platform/core/common.contract.ts'
import { defineList, defineMutation, definePages, placeByTime } from '#server/platform/operations/index.ts'
import * as contract from './passkeys.contract.ts'
import * as service from './passkeys.service.ts'
import * as signIn from './sign-in.service.ts'
import { examples } from './passkeys.examples.ts'

/** Like API keys: nothing a leaked key must be able to touch. */
const session = { access: 'session', isPersonal: true, bucket: 'general' } as const

export const passkeys = {
  list: defineList({
    ...session,
    name: 'passkeys.list',
    summary: 'List passkeys',
    description: 'Oldest first.',
    input: Nothing,
    output: contract.Passkeys,
    pages: definePages({
      input: Nothing,
      node: contract.Passkey,
      place: placeByTime,
      list: service.listPasskeyPage,
      count: service.countPasskeys,
    }),
    example: examples.list,
    run: service.listPasskeys,
  }),
  startRegistration: defineMutation({
    ...session,
    name: 'passkeys.startRegistration',
    summary: 'Start adding a passkey',
    description: 'Gives options for the browser and their challenge, which is good once and for 5 minutes.',
    input: Nothing,
    output: contract.PasskeyRegistration,
    example: examples.startRegistration,
    run: service.startRegistration,
  }),
  register: defineMutation({
    ...session,
    name: 'passkeys.register',
    summary: 'Finish adding a passkey',
    description: 'What the browser answered is verified before anything is stored. At most 20 passkeys per account.',
    // A challenge is used up even when the rest fails.
    transaction: false,
    input: contract.RegisterPasskey,
    output: contract.Passkey,
    example: examples.register,
    run: service.registerPasskey,
  }),
  rename: defineMutation({
    ...session,
    name: 'passkeys.rename',
    summary: 'Rename a passkey',
    input: contract.RenamePasskey,
    output: contract.Passkey,
    example: examples.rename,
    run: service.renamePasskey,
  }),
  remove: defineMutation({
    ...session,
    name: 'passkeys.remove',
    summary: 'Remove a passkey',
    description: 'Agents that were verified with it are not verified any more. The last way you have to sign in stays.',
    transaction: false,
    input: contract.PasskeyRef,
    output: contract.PasskeyRemoved,
    example: examples.remove,
    run: service.removePasskey,
  }),
  startSignIn: defineMutation({
    name: 'passkeys.startSignIn',
    summary: 'Start signing in with a passkey',
    description:
      'Gives options for the browser and their challenge, which is good once and for 5 minutes. Without an identifier the device offers what it has for this site.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    input: contract.StartPasskeySignIn,
    output: contract.PasskeySignInOptions,
    example: examples.startSignIn,
    run: signIn.startSignIn,
  }),
  signIn: defineMutation({
    name: 'passkeys.signIn',
    summary: 'Sign in with a passkey',
    description: 'Sets the session cookie, for 30 days. A passkey is used by a verified user, so no second factor is asked for.',
    access: 'public',
    bucket: 'general',
    transaction: false,
    input: contract.SignInWithPasskey,
    output: contract.SignedInUser,
    example: examples.signIn,
    run: signIn.signInWithPasskey,
  }),
}
