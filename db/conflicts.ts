import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { DatabaseConflict } from './database-failures.ts'

/** `deadlock_detected` and `serialization_failure`: of several that got in each other's way Postgres ends one, and undoes all of it. */
const CONFLICTS = new Set(['40P01', '40001'])
/** Whoever wins is done within milliseconds; to lose this often in a row something must be wrong. */
const MAX_ATTEMPTS = 10
const MAX_PAUSE_MS = 100

const isConflict = (error: unknown): boolean => error instanceof Error && 'code' in error && CONFLICTS.has(error.code as string)

/**
 * Does work again that Postgres ended in favour of others and undid, after a pause of random length, so that
 * those who met do not meet again.
 *
 * @param work One whole transaction, or one statement outside of any; it has no effect but in the database.
 * @param first The first attempt, when it has been made.
 * @throws what the work throws; DatabaseConflict after ten attempts.
 */
export async function retryConflicts<T>(work: () => Promise<T>, first = work()): Promise<T> {
  for (let attempt = 1, answer = first; ; attempt++, answer = work()) {
    try {
      return await answer
    } catch (error) {
      if (!isConflict(error)) throw error
      if (attempt >= MAX_ATTEMPTS) throw new DatabaseConflict(error)
      await delay(Math.random() * MAX_PAUSE_MS)
    }
  }
}

/** A pool whose connections do single statements again that lost; a transaction has to be done again as a whole by who opened it. */
export const retryingPool = (pool: PostgresPool): PostgresPool => ({
  ...pool,
  connect: async () => retrying((await pool.connect()) as SimpleClient) as unknown as PostgresPoolClient,
})

/** What Kysely uses of a connection; cursors it uses only when asked to. */
interface SimpleClient {
  query(sql: string, values: readonly unknown[]): Promise<unknown>
  release(error?: boolean | Error): void
}

function retrying(client: SimpleClient): SimpleClient {
  let isInTransaction = false
  return {
    query(sql, values) {
      if (sql === 'begin') isInTransaction = true
      const answer = client.query(sql, values)
      if (isInTransaction) return answer
      return answer.catch((error: unknown) => {
        if (!isConflict(error)) throw error
        return retryConflicts(() => client.query(sql, values), answer)
      })
    },
    release: (error) => client.release(error),
  }
}
