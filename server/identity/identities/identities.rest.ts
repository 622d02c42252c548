import { z } from 'zod'
import { bind } from '#server/platform/operations/index.ts'
import { Identities } from './identities.contract.ts'
import { identities } from './identities.operations.ts'

export const identitiesRest = {
  list: bind({
    id: 'listIdentities',
    tag: 'auth',
    operation: identities.list,
    output: z.object({ identities: Identities }).meta({ id: 'IdentityList' }),
    body: (list) => ({ identities: list }),
  }),
  unlink: bind({ id: 'unlinkIdentity', tag: 'auth', operation: identities.unlink, errors: [403, 404, 409] }),
}
