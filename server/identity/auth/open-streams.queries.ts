import { sql } from 'kysely'
import type { Db } from '#db/client.ts'

/** Somebody with a session, by its public id, or a key, in a workspace. */
export interface Caller {
  accountId: string
  credentialId: string
}

/** Those of the callers who would be let in now. */
export async function listGoodCallers(systemDb: Db, callers: readonly Caller[]): Promise<Caller[]> {
  const accountIds = callers.map(({ accountId }) => accountId)
  const credentialIds = callers.map(({ credentialId }) => credentialId)
  const { rows } = await sql<Caller>`
    with caller as (select * from unnest(${accountIds}::text[], ${credentialIds}::text[]) as caller (account_id, credential_id))
    select caller.account_id, caller.credential_id from caller
    join accounts on accounts.id = caller.account_id and accounts.suspended_at is null and accounts.deleted_at is null
    where exists (
        select from sessions
        join users on users.id = sessions.user_id and users.suspended_at is null and users.deleted_at is null
        join memberships on memberships.user_id = sessions.user_id and memberships.account_id = caller.account_id
        where sessions.public_id = caller.credential_id and sessions.expires_at > now())
      or exists (
        select from api_keys
        where api_keys.id = caller.credential_id and api_keys.account_id = caller.account_id
          and (api_keys.expires_at is null or api_keys.expires_at > now())
          -- It is as good as whose personal workspace it is of, and who made it.
          and not exists (
            select from users where users.suspended_at is not null
              and (users.personal_account_id = api_keys.account_id or users.id = api_keys.created_by)))`.execute(systemDb)
  return rows
}
