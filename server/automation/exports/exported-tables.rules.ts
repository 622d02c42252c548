/** How the rows of one table get into the archive of a workspace. */
export interface ExportedTable {
  /** Columns that place the rows of a workspace in an order, each row at a place of its own. */
  order: readonly string[]
  /** Columns that are left out: what is secret, and what only means something to the server. */
  without?: readonly string[]
  /** The column that says whose the rows are, where that is not `account_id`. */
  owner?: 'id' | 'user_id'
  /** Of rows that belong to a person: they are in the archive of that person's own workspace. */
  isOfPerson?: true
  /** Columns of JSON in which secrets are sealed, which are left out one by one. */
  hasSecretsIn?: string
  /** Rows that are found in a way of their own, as `rows.queries.ts` says. */
  only?: 'agentWork' | 'ledger'
  /** Fields that are added: of a membership, whose it is. */
  adds?: 'member'
}

const byId = ['id'] as const
const byAgent = ['agent_id'] as const

/** Every table an archive has rows of. */
export const exportedTables: Readonly<Record<string, ExportedTable>> = {
  accounts: {
    order: byId,
    owner: 'id',
    without: ['stripe_subscription_id', 'stripe_customer_id', 'suspended_at', 'deleted_at', 'erased_at'],
  },
  agents: { order: byId, without: ['sealed_model_key', 'sealed_token'], hasSecretsIn: 'config' },
  agent_config_versions: { order: ['agent_id', 'version'], hasSecretsIn: 'config' },
  agent_credentials: { order: ['agent_id', 'key'], without: ['sealed_value'] },
  agent_logs: { order: byId },
  agent_memories: { order: ['agent_id', 'key'] },
  agent_skills: { order: ['agent_id', 'skill_id'] },
  agent_status_changes: { order: ['position'] },
  agent_turns: { order: byId, without: ['server_id'] },
  agent_verifications: { order: byAgent },
  api_keys: { order: byId, without: ['key_hash', 'old_hash', 'expiry_noticed_days'] },
  audit_events: { order: ['number'], without: ['hash'] },
  booking_deposits: { order: ['chain_id', 'tx_hash', 'log_index'] },
  booking_shares: { order: ['booking_id', 'position'] },
  bookings: { order: byId, without: ['escrow_key_id', 'next_block'] },
  budget_notices: { order: ['budget_id', 'starts_at', 'percent'] },
  budget_periods: { order: ['budget_id', 'starts_at'] },
  budgets: { order: byId },
  chain_payments: { order: byId, without: ['raw_transaction', 'signed_payload', 'credential_hash', 'claimed_by', 'claim_expires_at'] },
  chain_transfers: { order: byId, without: ['key_id', 'block_hash'] },
  checkouts: { order: byId, without: ['payment_intent_id'] },
  conversation_sessions: { order: byId },
  files: { order: byId, without: ['storage_key'] },
  gateway_calls: { order: byId },
  identities: { order: ['issuer', 'subject'], owner: 'user_id', isOfPerson: true },
  invitations: { order: byId, without: ['token_hash'] },
  jobs: { order: byId, without: ['payload', 'progress', 'lease_owner', 'lease_expires_at', 'exclusive_key'], only: 'agentWork' },
  ledger_books: { order: byId },
  ledger_entries: { order: ['transaction_id', 'book_id'], only: 'ledger' },
  ledger_holds: { order: byId, without: ['server_id'] },
  memberships: { order: ['user_id'], adds: 'member' },
  messages: { order: byId },
  metric_hours: { order: ['hour'] },
  passkeys: { order: byId, owner: 'user_id', isOfPerson: true, without: ['public_key', 'counter'] },
  past_messages: { order: ['hour'] },
  past_turns: { order: byId },
  payment_sessions: { order: byId },
  payment_vouchers: { order: byId, without: ['signature', 'server_id'] },
  provider_keys: { order: ['provider'], without: ['sealed_key'] },
  referrals: { order: ['account_id'] },
  schedules: { order: byId },
  sessions: { order: ['public_id'], owner: 'user_id', isOfPerson: true, without: ['id'] },
  settlement_payouts: { order: byId },
  split_rules: { order: byId },
  split_shares: { order: ['split_id', 'position'] },
  splits: { order: byId },
  subscriptions: { order: byId, without: ['customer_id'] },
  tool_runs: { order: ['position'] },
  usage_events: { order: byId },
  usage_months: { order: ['month', 'key_id'] },
  users: { order: byId, owner: 'id', isOfPerson: true, without: ['suspended_at', 'deleted_at'] },
  wallet_policies: { order: byId },
  wallet_sends: { order: byId },
  wallet_top_ups: { order: ['session_id'], without: ['payment_intent_id'] },
  wallets: { order: byId, without: ['key_id'] },
}

/** Every other table, and why no archive has rows of it. */
export const tablesLeftOut: Readonly<Record<string, string>> = {
  agent_watches: 'What the server notes while it looks after agents; it means nothing elsewhere.',
  audit_heads: 'How far the audit log is, of every workspace; for the server to check it.',
  audit_targets: 'An index of the audit log.',
  budget_leases: 'What servers hold of budgets at this moment; it means nothing elsewhere.',
  chain_keys: 'Secret: what can be spent with them stays where it is.',
  chain_senders: 'Of the server.',
  chain_transactions: 'What the server signed for transfers; it is on the chain.',
  file_removals: 'Bytes that are about to be removed.',
  idempotency_keys: 'Answers kept for a day, to be given again; what they made is here.',
  load_samples: 'How busy the server is; of no workspace.',
  one_time_tokens: 'Links and codes that are good for minutes, as hashes.',
  passkey_challenges: 'Good for minutes.',
  passwords: 'Secret, and kept as hashes only.',
  recovery_codes: 'Secret, and kept as hashes only.',
  second_factors: 'Secret: codes are made of it.',
  secret_check: 'Of the server.',
  servers: 'Of the server.',
  solved_puzzles: 'Puzzles that browsers have solved; of no workspace.',
  stripe_events: 'Which events of Stripe were heard; of no workspace.',
  stripe_objects: 'How often the server looked at something at Stripe; it means nothing elsewhere.',
  stripe_sweeps: 'Of the server.',
  unclaimed_checkouts: 'Payments by people who have no account yet; of no workspace.',
  verification_challenges: 'Good for minutes.',
  workspace_exports: 'Archives such as this one.',
}
