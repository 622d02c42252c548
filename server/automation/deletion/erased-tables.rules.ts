/**
 * Tables whose rows go when a workspace is erased, in the order in which they do. What belongs to an agent goes with the agent, before
 * these; it is named as well, for what an agent left behind.
 */
export const erasedTables: readonly string[] = [
  'agents',
  'agent_config_versions',
  'agent_credentials',
  'agent_logs',
  'agent_memories',
  'agent_skills',
  'agent_status_changes',
  'agent_turns',
  'agent_verifications',
  'agent_watches',
  'verification_challenges',
  'tool_runs',
  'files',
  'messages',
  'conversation_sessions',
  'jobs',
  'schedules',
  'api_keys',
  'idempotency_keys',
  'invitations',
  'memberships',
  'metric_hours',
  'past_messages',
  'past_turns',
  'provider_keys',
  'referrals',
  'usage_events',
  'usage_months',
  'workspace_exports',
]

/** Tables whose rows stay, and why. Of them only the audit log says who somebody was, until its days are over as well. */
export const keptTables: Readonly<Record<string, string>> = {
  accounts: 'What the books refer to; its name and its settings are cleared.',
  audit_events: 'Who did what cannot be changed, and is removed by itself once AUDIT_DAYS have passed.',
  audit_targets: 'Goes with the audit log.',
  chain_keys: 'Money may be at their addresses, which nobody could get at any more.',
  chain_payments: 'Books: a payment on a chain is public, and may have to be given back.',
  chain_transfers: 'Books: what was paid on a chain is public.',
  checkouts: 'Books: a payment by card may have to be given back.',
  gateway_calls: 'Books: what was paid for, without the workspace.',
  ledger_books: 'Books.',
  ledger_holds: 'Books.',
  payment_sessions: 'Books.',
  payment_vouchers: 'Books.',
  subscriptions: 'Books: what was paid for.',
  sessions: 'Of people; one that was in this workspace is in none then.',
}
