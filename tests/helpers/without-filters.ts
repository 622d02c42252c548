import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Engine } from '../../db/engine.ts'

// Two barriers keep workspaces apart: each query asks for the rows of one, and the database shows no others. With one of
// them taken away the other has to do alone.

/** What was done to statements, for the proof that it was. */
export interface Dropped {
  /** Filters that were taken out. */
  count: number
  /** Statements that still compare a workspace with a value. */
  left: string[]
}

const FILTER = /(?<=\b(?:where|and|or|on|when|not) |\()(?:"?\w+"?\.)?"?(?:account|user)_id"? = (\$\d+)/g
/** The workspace itself: its id is what rows of others are filtered by. */
const OWN_ID = /(?<=\b(?:where|and|or|on) |\()"accounts"\."id" = (\$\d+)/g
const OF_ACCOUNTS = /^(?:select .* from "accounts"|update "accounts" set .*|delete from "accounts") where /s
const PLAIN_ID = /(?<=\bwhere |\band )"id" = (\$\d+)/g

/** A statement that no longer asks whose rows it wants. Its parameters stay where they are. */
export function withoutFilter(sql: string, dropped: Dropped): string {
  const always = (_filter: string, parameter: string) => {
    dropped.count += 1
    return `${parameter}::text is not null`
  }
  const bare = sql.replace(FILTER, always).replace(OWN_ID, always)
  const done = OF_ACCOUNTS.test(bare) ? bare.replace(PLAIN_ID, always) : bare
  if (/(?:account|user)_id"?\s*=\s*(?:any\s*\()?\$|(?:account|user)_id"?\s+(?:in|is not distinct from)\s*\(?\$/.test(done))
    dropped.left.push(done)
  return done
}

/** Row-level security alone: what is asked for an account no longer says for which. */
export const withoutFilters = (engine: Engine, dropped: Dropped): Engine => ({
  ...engine,
  poolFor: (...who) => asking(engine.poolFor(...who), (sql) => withoutFilter(sql, dropped)),
})

/** The queries alone: connections that serve accounts see everything. */
export const withoutPolicies = (engine: Engine): Engine => ({ ...engine, poolFor: () => engine.systemPool })

/** A pool whose connections are asked something else than they are told. */
export const asking = (pool: PostgresPool, rewrite: (sql: string) => string): PostgresPool => ({
  ...pool,
  end: () => pool.end(),
  async connect() {
    const client = (await pool.connect()) as unknown as {
      query(sql: string, values: readonly unknown[]): Promise<unknown>
      release(error?: boolean): void
    }
    return {
      query: (sql: string, values: readonly unknown[]) => client.query(rewrite(sql), values),
      release: (error?: boolean) => client.release(error),
    } as unknown as PostgresPoolClient
  },
})
