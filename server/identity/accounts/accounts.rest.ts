import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import * as contract from './accounts.contract.ts'
import { accounts } from './accounts.operations.ts'

export const SignedIn = z.object({ ok: z.literal(true), user: contract.SignedInUser }).meta({ id: 'SignedIn' })

export const accountsRest = {
  register: bind({ id: 'registerAccount', tag: 'auth', operation: accounts.register, errors: [403, 404, 409] }),
  signIn: bind({
    id: 'signIn',
    tag: 'auth',
    operation: accounts.signIn,
    output: SignedIn,
    body: (user) => ({ ok: true, user }),
    errors: [401, 403],
  }),
  session: bind({ id: 'getSession', tag: 'auth', operation: accounts.session }),
  signOut: bind({ id: 'signOut', tag: 'auth', operation: accounts.signOut }),
  profile: bind({ id: 'getProfile', tag: 'settings', operation: accounts.profile, errors: [404] }),
  updateProfile: bind({ id: 'updateProfile', tag: 'settings', operation: accounts.updateProfile, errors: [403, 404, 409] }),
  patchProfile: bind({ id: 'patchProfile', tag: 'settings', operation: accounts.patchProfile, errors: [404] }),
  changePassword: bind({ id: 'changePassword', tag: 'settings', operation: accounts.changePassword, errors: [404] }),
}
