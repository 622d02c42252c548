import { quotasFor, plans } from '#server/money/billing/index.ts'
import type { Platform } from '#server/platform/core/index.ts'
import * as queries from './retention.queries.ts'

/** Sessions that are kept of an agent. */
const MAX_SESSIONS = 1000

const LEAST_MESSAGES = Math.min(...Object.values(plans).map(({ messages }) => messages))

/** Removes messages that are older than the operator says or that the plan of their account has no room for, and sessions nobody comes back to. */
export async function forgetOldMessages(platform: Platform): Promise<void> {
  const days = platform.env.MESSAGE_RETENTION_DAYS
  if (days !== undefined) await queries.deleteMessagesOlderThan(platform, days)
  for (const account of await queries.listAccountsWithMessages(platform, LEAST_MESSAGES))
    await queries.deleteMessagesBeyond(platform, account.id, quotasFor(platform, account).messages)
  await queries.deleteSessionsBeyond(platform, MAX_SESSIONS)
}
