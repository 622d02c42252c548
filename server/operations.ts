import { accounts } from './identity/accounts/accounts.operations.ts'
import { admin } from './api/admin/admin.operations.ts'
import { agents } from './api/agents/agents.operations.ts'
import { ai } from './api/ai/ai.operations.ts'
import { audit } from './insight/audit/audit.operations.ts'
import { billing } from './money/billing/billing.operations.ts'
import { bookings } from './money/bookings/bookings.operations.ts'
import { billingInfo } from './api/billing/billing-info.operations.ts'
import { bots } from './identity/bots/bots.operations.ts'
import { budgets } from './money/budgets/budgets.operations.ts'
import { chat } from './chat/turns/chat.operations.ts'
import { conversations } from './chat/conversations/conversations.operations.ts'
import { exports } from './automation/exports/exports.operations.ts'
import { users, workspaceDeletion } from './automation/deletion/deletion.operations.ts'
import { checkout } from './money/checkout/checkout.operations.ts'
import { stripeWebhooks } from './money/stripe-webhooks/stripe-webhooks.operations.ts'
import { credits } from './money/credits/credits.operations.ts'
import { subscriptions } from './money/subscriptions/subscriptions.operations.ts'
import { defaultAgent } from './api/default-agent/default-agent.operations.ts'
import { farcaster } from './identity/farcaster/farcaster.operations.ts'
import { files } from './agents/files/files.operations.ts'
import { gateway } from './api/gateway/gateway.operations.ts'
import { identities } from './identity/identities/identities.operations.ts'
import { instances } from './api/instances/instances.operations.ts'
import { invitations } from './identity/invitations/invitations.operations.ts'
import { jobs } from './automation/jobs/jobs.operations.ts'
import { keys } from './identity/keys/keys.operations.ts'
import { members } from './identity/members/members.operations.ts'
import { mailbox } from './identity/mailbox/mailbox.operations.ts'
import { memory } from './agents/memory/memory.operations.ts'
import { metrics } from './insight/metrics/metrics.operations.ts'
import { oauth } from './identity/oauth/oauth.operations.ts'
import { openai } from './api/openai/openai.operations.ts'
import { outbox } from './integrations/mail/outbox.operations.ts'
import { passkeys } from './identity/passkeys/passkeys.operations.ts'
import { payments } from './money/payments/payments.operations.ts'
import { schedules } from './automation/schedules/schedules.operations.ts'
import { secondFactor } from './identity/second-factor/second-factor.operations.ts'
import { sessions } from './identity/sessions/sessions.operations.ts'
import { splits } from './money/splits/splits.operations.ts'
import { system } from './insight/system/system.operations.ts'
import { tokenGate } from './identity/token-gate/token-gate.operations.ts'
import { usage } from './insight/usage/usage.operations.ts'
import { verification } from './agents/verification/verification.operations.ts'
import { topUps } from './money/top-ups/top-ups.operations.ts'
import { wallet } from './money/wallets/wallets.operations.ts'
import { wallets } from './identity/wallets/wallets.operations.ts'
import { workspaces } from './identity/workspaces/workspaces.operations.ts'

/** Everything a caller can do, by domain. All three transports are made from this. */
export const operations = {
  accounts,
  admin,
  agents,
  ai,
  audit,
  billing: { ...billing, ...billingInfo },
  bookings,
  bots,
  budgets,
  chat,
  checkout,
  conversations,
  credits,
  defaultAgent,
  exports,
  farcaster,
  files,
  gateway,
  identities,
  instances,
  invitations,
  jobs,
  keys,
  members,
  mailbox,
  memory,
  metrics,
  oauth,
  openai,
  outbox,
  passkeys,
  payments,
  schedules,
  secondFactor,
  sessions,
  splits,
  stripeWebhooks,
  subscriptions,
  system,
  tokenGate,
  topUps,
  usage,
  users,
  verification,
  wallet,
  wallets,
  workspaces: { ...workspaces, ...workspaceDeletion },
}
