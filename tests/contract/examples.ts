import { exampleIds } from '../../server/platform/operations/example-ids.ts'
import type { Operation } from '../../server/platform/operations/operation.ts'
import type { Owner } from './fixtures.ts'

/** The rows of an owner that examples name. */
const idsOf = (owner: Owner): Record<keyof typeof exampleIds, string> => ({
  account: owner.id,
  workspace: owner.workspaceId,
  member: owner.memberId,
  invitation: owner.invitationId,
  apiKey: owner.keyId,
  agent: owner.agentId,
  instance: owner.instanceId,
  session: owner.sessionId,
  unansweredMessage: owner.failedMessageId,
  file: owner.fileId,
  task: owner.taskId,
  cronJob: owner.cronJobId,
  job: owner.jobId,
  paymentSession: owner.paymentSessionId,
  walletSend: owner.walletSendId,
  walletPolicy: owner.walletPolicyId,
  signInSession: owner.signInSessionId,
  mail: owner.mailId,
  passkey: owner.passkeyId,
  budget: owner.budgetId,
  export: owner.exportId,
  deletedWorkspace: owner.deletedWorkspaceId,
  booking: owner.bookingId,
  split: owner.splitId,
  splitRule: owner.splitRuleId,
})

/** What only agents outside of the server have: those of these tests live in it, and are refused by name. */
export const needsGateway: readonly string[] = ['agents.token', 'instances.token']

let registrations = 0
let invited = 0

/** Fields by which an owner proves something, or which name what an account has once; an example can only show their form. */
const proofs: Record<string, (owner: Owner) => Record<string, unknown>> = {
  'accounts.register': () => ({ email: `example${++registrations}@example.org` }),
  'accounts.signIn': ({ email, password }) => ({ email, password }),
  'accounts.changePassword': ({ password }) => ({ currentPassword: password, newPassword: password }),
  'checkout.verify': ({ checkoutId = 'cs_none' }) => ({ session_id: checkoutId }),
  'checkout.visitCredits': ({ creditPrice = 'price_none' }) => ({ price: creditPrice }),
  'topUps.receive': ({ stripeDelivery }) => ({ ...stripeDelivery }),
  'topUps.start': ({ ownWallet }) => ({ address: ownWallet }),
  'stripeWebhooks.receive': ({ stripeDelivery }) => ({ ...stripeDelivery }),
  'farcaster.refresh': ({ farcasterSession }) => ({ refreshToken: farcasterSession }),
  'farcaster.verify': ({ fidToken }) => ({ fidToken }),
  'identities.unlink': ({ walletAddress }) => ({ subject: walletAddress?.toLowerCase() }),
  'invitations.accept': ({ invitationToken }) => ({ token: invitationToken }),
  'invitations.create': () => ({ email: `invited${++invited}@example.org` }),
  'invitations.look': ({ invitationToken }) => ({ token: invitationToken }),
  'keys.validate': ({ key }) => ({ apiKey: key }),
  'mailbox.resetPassword': ({ linkToken = 'none' }) => ({ token: linkToken }),
  'mailbox.verify': ({ linkToken = 'none' }) => ({ token: linkToken }),
  'memory.delete': ({ marker }) => ({ key: `secret${marker}` }),
  // The only example that needs a provider; this is that of the tests.
  'openai.embed': () => ({ model: 'compatible/embed' }),
  'oauth.finish': ({ oauthAnswer }) => ({ ...oauthAnswer }),
  'passkeys.register': ({ passkeyRegistration }) => passkeyRegistration,
  'passkeys.signIn': ({ passkeySignIn }) => ({ ...passkeySignIn }),
  'payments.submitVoucher': ({ voucher }) => ({ ...voucher }),
  'secondFactor.activate': ({ secondFactorCode = '000000' }) => ({ code: secondFactorCode }),
  'secondFactor.complete': ({ secondFactorCode = '000000', secondFactorTicket = 'none' }) => ({
    code: secondFactorCode,
    ticket: secondFactorTicket,
  }),
  'secondFactor.disable': ({ secondFactorCode = '000000' }) => ({ code: secondFactorCode }),
  'secondFactor.renewRecoveryCodes': ({ secondFactorCode = '000000' }) => ({ code: secondFactorCode }),
  'sessions.reauthenticate': ({ password }) => ({ password }),
  'users.restore': ({ restoreToken }) => ({ token: restoreToken }),
  'workspaces.delete': () => ({ name: 'Passing team' }),
  'verification.verify': ({ verification }) => verification,
  'wallets.link': ({ walletMessage }) => ({ ...walletMessage }),
  'wallets.signIn': ({ walletMessage }) => ({ ...walletMessage }),
}

/** A value of an example with the rows of an owner in place of those it names. */
export function withIdsOf<T>(owner: Owner, value: T): T {
  let text = JSON.stringify(value)
  if (text === undefined) return value
  const ids = idsOf(owner)
  for (const kind of Object.keys(ids) as (keyof typeof ids)[]) text = text.replaceAll(exampleIds[kind], ids[kind])
  return JSON.parse(text) as T
}

/** The example of an operation as the owner calls it. */
export const inputFor = ({ name, example }: Operation, owner: Owner): Record<string, unknown> => ({
  ...withIdsOf(owner, example.input as Record<string, unknown>),
  ...proofs[name]?.(owner),
})

/** Whether an example names rows of its owner that have to be there. */
export const namesRows = ({ example }: Operation): boolean =>
  Object.values(exampleIds).some((id) => JSON.stringify(example.input).includes(id))
