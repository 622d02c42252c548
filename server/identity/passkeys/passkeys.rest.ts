import { Done } from '#server/platform/core/common.contract.ts'
import { bind } from '#server/platform/operations/index.ts'
import { passkeys } from './passkeys.operations.ts'

export const passkeysRest = {
  startRegistration: bind({ id: 'getPasskeyRegistrationOptions', tag: 'auth', operation: passkeys.startRegistration }),
  register: bind({
    id: 'verifyPasskeyRegistration',
    tag: 'auth',
    operation: passkeys.register,
    output: Done,
    body: () => ({ ok: true }),
  }),
  startSignIn: bind({ id: 'getPasskeyAuthOptions', tag: 'auth', operation: passkeys.startSignIn, errors: [404] }),
  signIn: bind({
    id: 'signInWithPasskey',
    tag: 'auth',
    operation: passkeys.signIn,
    output: Done,
    body: () => ({ ok: true }),
    errors: [401, 403, 404],
  }),
}
