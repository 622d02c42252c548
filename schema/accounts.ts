import { SessionUser } from '#server/identity/accounts/accounts.contract.ts'
import { execute, executeList } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import { builder } from './builder.ts'
import { connectionOf, costOfPage, pageArguments } from './connections.ts'
import { exposeMutations, exposeQueries } from './expose.ts'
import { typeRef } from './zod-types.ts'

const { accounts, agents, billing, keys, mailbox } = operations

exposeQueries({
  session: accounts.session,
  profile: accounts.profile,
  trial: billing.trial,
  apiKeys: keys.list,
  allApiKeys: keys.listAll,
  apiKey: keys.get,
})

exposeMutations({
  register: accounts.register,
  signIn: accounts.signIn,
  signOut: accounts.signOut,
  updateProfile: accounts.updateProfile,
  patchProfile: accounts.patchProfile,
  changePassword: accounts.changePassword,
  requestPasswordReset: mailbox.forgotPassword,
  resetPassword: mailbox.resetPassword,
  sendEmailVerification: mailbox.sendVerification,
  verifyEmail: mailbox.verify,
  createApiKey: keys.create,
  updateApiKey: keys.update,
  rotateApiKey: keys.rotate,
  reportLeakedKeys: keys.reportLeak,
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
    type: connectionOf(agents.list.pages.node),
    nullable: true,
    description: 'The agents of the account, newest first.',
    args: { first: t.arg(pageArguments.first), after: t.arg(pageArguments.after) },
    complexity: costOfPage(0),
    resolve: (_user, page, { call }) => executeList(agents.list, call, {}, page),
  }),
)
