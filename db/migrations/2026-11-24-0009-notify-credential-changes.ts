import { sql, type Kysely } from 'kysely'

/** Servers keep the keys they have checked at hand for a while; what changes them is told to all. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function notify_credential_change() returns trigger language plpgsql as $$
    begin
      perform pg_notify('credentials', case when tg_table_name = 'accounts' then old.id else (to_jsonb(old) ->> 'account_id') end);
      return null;
    end $$`.execute(db)
  await sql`
    create trigger api_keys_changed
    after delete or update of key_hash, scopes, rate_limit, spend_limit_cents, expires_at on api_keys
    for each row execute function notify_credential_change()`.execute(db)
  await sql`
    create trigger accounts_changed
    after delete or update of email, name, plan, subscription_status, trial_ends_at, email_verified_at, stripe_subscription_id on accounts
    for each row execute function notify_credential_change()`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger accounts_changed on accounts`.execute(db)
  await sql`drop trigger api_keys_changed on api_keys`.execute(db)
  await sql`drop function notify_credential_change`.execute(db)
}
