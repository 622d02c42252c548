import { sql } from 'kysely'
import type { BilledRow } from '#server/money/billing/index.ts'
import { olderThanDays, removeInBatches, type Platform } from '#server/platform/core/index.ts'

/** Answers go with the messages they answer. */
export const deleteMessagesOlderThan = (platform: Platform, days: number) =>
  removeInBatches(platform, 'messages', olderThanDays('created_at', days))

/** Accounts with more than so many messages. */
export async function listAccountsWithMessages({ databases }: Platform, moreThan: number): Promise<(BilledRow & { id: string })[]> {
  const { rows } = await sql<BilledRow & { id: string }>`
    select accounts.id, owner.email as owner_email, owner.email_verified_at as owner_verified_at, plan, subscription_status, trial_ends_at
    from accounts left join users as owner on owner.personal_account_id = accounts.id
    where accounts.id in (select account_id from messages group by account_id having count(*) > ${moreThan})`.execute(databases.system)
  return rows
}

/** Removes all but the newest `maxKept` messages of an account. */
export async function deleteMessagesBeyond(platform: Platform, accountId: string, maxKept: number): Promise<void> {
  const newest = await platform.databases.system
    .selectFrom('messages')
    .where('accountId', '=', accountId)
    .select('id')
    .orderBy('id', 'desc')
    .offset(maxKept)
    .limit(1)
    .executeTakeFirst()
  if (newest) await removeInBatches(platform, 'messages', sql`account_id = ${accountId} and id <= ${newest.id}`)
}

/** Removes all but the `maxKept` sessions of each agent that were used last. Their messages stay, without a session. */
export const deleteSessionsBeyond = (platform: Platform, maxKept: number) =>
  removeInBatches(
    platform,
    'conversation_sessions',
    sql`status <> 'active' and id in (
      select id from (
        select id, row_number() over (partition by agent_id order by last_activity_at desc, id desc) as place from conversation_sessions
      ) as ranked where place > ${maxKept})`,
  )
