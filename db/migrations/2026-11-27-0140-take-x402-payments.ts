import { sql, type Kysely } from 'kysely'

/**
 * Calls of the gateway can be paid by x402: the payer signs an authorization (EIP-3009), and a facilitator sends it to the chain. The
 * transaction is known only when it has. `challenge_id` is then the authorization itself (chain, payer and nonce, which the
 * token takes once), `credential_hash` the header it came in, and `signed_payload` what the facilitator is asked to settle.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table chain_payments
      add column method text not null default 'mpp' check (method in ('mpp', 'x402')),
      add column credential_hash text check (credential_hash ~ '^[0-9a-f]{64}$'),
      add column signed_payload text,
      alter column tx_hash drop not null,
      drop constraint chain_payments_check2,
      add constraint chain_payments_sent
        check (state <> 'pending' or (sent_at is not null and (raw_transaction is not null or method = 'x402'))),
      add constraint chain_payments_hash_known check (tx_hash is not null or (method = 'x402' and state <> 'confirmed')),
      add constraint chain_payments_signed check (method <> 'x402' or (credential_hash is not null and signed_payload is not null))`.execute(
    db,
  )
  await sql`
    alter table gateway_calls
      drop constraint gateway_calls_method_check,
      add constraint gateway_calls_method_check check (method in ('stripe', 'mpp', 'x402', 'session'))`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from gateway_calls where method = 'x402'`.execute(db)
  await sql`
    alter table gateway_calls
      drop constraint gateway_calls_method_check,
      add constraint gateway_calls_method_check check (method in ('stripe', 'mpp', 'session'))`.execute(db)
  await sql`delete from chain_payments where method = 'x402'`.execute(db)
  await sql`
    alter table chain_payments
      drop constraint chain_payments_sent,
      drop constraint chain_payments_hash_known,
      drop constraint chain_payments_signed,
      drop column method,
      drop column credential_hash,
      drop column signed_payload,
      alter column tx_hash set not null,
      add constraint chain_payments_check2 check (state <> 'pending' or (raw_transaction is not null and sent_at is not null))`.execute(db)
}
