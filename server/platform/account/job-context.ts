import { type AccountContext, type Platform, newId } from '../core/index.ts'
import { toAccount } from './account.ts'
import * as queries from './account.queries.ts'

/** Context for work the server does for an account by itself; undefined when the account is gone. */
export async function jobContext(platform: Platform, accountId: string): Promise<AccountContext | undefined> {
  const row = await queries.findAccount(platform.databases.system, accountId)
  if (!row) return undefined
  const account = toAccount(platform.env, row)
  return {
    platform,
    requestId: newId('request'),
    actor: { kind: 'job', account },
    isSafeMethod: false,
    db: platform.databases.forAccount(accountId, { userId: account.ownerId }),
    log: platform.log,
    signal: platform.shutdown,
    ip: '',
    userAgent: null,
    startedAt: performance.now(),
    // What asks an agent later was counted, or limited by the plan, when it was queued.
    countedIn: 'chat',
    reply: { cookies: [], headers: {} },
  }
}
