import { sql, type Kysely } from 'kysely'

/**
 * A key can be replaced while what uses the old one changes over: for a time both hashes are good. It can be limited to
 * addresses, says from where it was used last, and is switched off for good once somebody reported it as leaked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table api_keys
      add column old_hash text collate "C" unique,
      add column old_expires_at timestamptz,
      add column allowed_addresses text[] check (cardinality(allowed_addresses) > 0),
      add column last_address text,
      add column leaked_at timestamptz,
      add column expiry_noticed_days smallint,
      add constraint api_keys_old_hash_ends check ((old_hash is null) = (old_expires_at is null))`.execute(db)
  await sql`create index api_keys_expiring on api_keys (expires_at) where expires_at is not null`.execute(db)
  await notifyOf(db, [...BEFORE, 'old_hash', 'old_expires_at', 'allowed_addresses', 'leaked_at'])
}

const BEFORE = ['key_hash', 'scopes', 'rate_limit', 'spend_limit_cents', 'expires_at']

/** Tells all servers of a change of one of these columns: they keep keys at hand that they have checked. */
async function notifyOf(db: Kysely<unknown>, columns: string[]): Promise<void> {
  await sql`drop trigger api_keys_changed on api_keys`.execute(db)
  await sql`
    create trigger api_keys_changed
    after delete or update of ${sql.join(columns.map((column) => sql.ref(column)))} on api_keys
    for each row execute function notify_credential_change()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await notifyOf(db, BEFORE)
  await sql`drop index api_keys_expiring`.execute(db)
  await sql`
    alter table api_keys drop column old_hash, drop column old_expires_at, drop column allowed_addresses,
      drop column last_address, drop column leaked_at, drop column expiry_noticed_days`.execute(db)
}
