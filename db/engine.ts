import type { PostgresPool } from 'kysely'

/** What a database engine has to offer: connections for the application's role and for the system. */
export interface Engine {
  /** A pool whose connections see the rows of `accountId` only, and no account's rows for null. */
  poolFor(accountId: string | null): PostgresPool
  systemPool: PostgresPool
  close(): Promise<void>
}

/** The role whose connections serve accounts. It owns nothing and bypasses no policy. */
export const APP_ROLE = 'agentbot_app'
