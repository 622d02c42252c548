import { resolveArrayConnection } from '@pothos/plugin-relay'
import { SessionUser } from '#server/identity/accounts/accounts.contract.ts'
import { Agent } from '#server/agents/definitions/agents.contract.ts'
import { execute } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { builder } from './builder.ts'
import { exposeMutations, exposeQueries } from './expose.ts'
import { typeRef } from './zod-types.ts'

const { accounts, agents, billing, keys } = operations

exposeQueries({
  session: accounts.session,
  profile: accounts.profile,
  trial: billing.trial,
  apiKeys: keys.list,
  apiKey: keys.get,
})

exposeMutations({
  register: accounts.register,
  signIn: accounts.signIn,
  signOut: accounts.signOut,
  updateProfile: accounts.updateProfile,
  patchProfile: accounts.patchProfile,
  changePassword: accounts.changePassword,
  createApiKey: keys.create,
  deleteApiKey: keys.delete,
  validateApiKey: keys.validate,
  validateBearerKey: keys.validateBearer,
})

builder.queryField('me', (t) =>
  t.field({
    type: typeRef(SessionUser) as never,
    nullable: true,
    description: 'Who calls; null when nobody is signed in.',
    resolve: async (_root, _args, { call }) => (await execute(accounts.session, call, {})).user as never,
  }),
)

builder.objectField(typeRef(SessionUser) as never, 'agents', (t) =>
  t.field({
    type: [typeRef(Agent) as never],
    description: 'The agents of the account, newest first.',
    args: { first: t.arg.int({ defaultValue: 20, description: 'At most 100.' }) },
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? 20 }),
    resolve: async (_user, { first }, { call }) => (await execute(agents.list, call, { limit: clamp(first) })) as never,
  }),
)

const MAX_AT_ONCE = 100
const clamp = (first: number | null | undefined) => Math.max(1, Math.min(first ?? 20, MAX_AT_ONCE))

builder.queryField('agents', (t) =>
  t.connection({
    nullable: false,
    type: typeRef(Agent) as never,
    description: 'The agents of the caller, newest first; none when nobody is signed in.',
    resolve: async (_root, args, { call }) => resolveArrayConnection({ args }, (await execute(agents.list, call, {})) as never) as never,
  }),
)
