import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './identities.contract.ts'
import { examples } from './identities.examples.ts'
import * as service from './identities.service.ts'

export const identities = {
  list: defineQuery({
    name: 'identities.list',
    summary: 'List your sign-ins elsewhere',
    description: 'Wallets and accounts at other services that you can sign in with, oldest first.',
    access: 'session',
    isPersonal: true,
    bucket: 'general',
    input: contract.Nothing,
    output: contract.Identities,
    example: examples.list,
    run: service.getIdentities,
  }),
  unlink: defineMutation({
    name: 'identities.unlink',
    summary: 'Unlink a sign-in elsewhere',
    description: 'It signs you in no more. The last way you have to sign in stays.',
    access: 'fresh',
    isPersonal: true,
    bucket: 'general',
    transaction: false,
    input: contract.IdentityRef,
    output: contract.IdentityUnlinked,
    example: examples.unlink,
    run: service.unlinkIdentity,
  }),
}
