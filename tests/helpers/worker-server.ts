import { databasesOn } from '../../db/client.ts'
import { openPostgres } from '../../db/postgres.ts'
import { sql } from 'kysely'
import { startWorkers, type Workers } from '../../server/workers.ts'
import type { Clock } from '../../server/platform/jobs/clock.ts'
import type { TestServer } from './test-server.ts'

/** A server that only does background work, on the database of another one, with a clock of its own. */
export interface WorkerServer extends Workers {
  /** Stops as on SIGTERM. */
  stop(): Promise<void>
}

/** On Postgres it has connections of its own; the embedded database has one session, which it shares. */
export async function startWorkerServer({ platform }: TestServer, clock: Clock): Promise<WorkerServer> {
  const shutdown = new AbortController()
  const lastWork: (() => Promise<void>)[] = []
  const url = await urlOf(platform.databases.system)
  const own = url === undefined ? undefined : databasesOn(openPostgres(url))
  const work = await startWorkers(
    {
      ...platform,
      databases: own ?? platform.databases,
      shutdown: shutdown.signal,
      beforeClose: (work) => void lastWork.push(work),
    },
    clock,
  )
  return {
    settled: () => work.settled(),
    async stop() {
      shutdown.abort(new Error('The server stops.'))
      await Promise.all(lastWork.map((work) => work()))
      await own?.close()
    },
  }
}

async function urlOf(system: TestServer['platform']['databases']['system']): Promise<string | undefined> {
  if (!process.env.TEST_DATABASE_URL) return undefined
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(system)
  const url = new URL(process.env.TEST_DATABASE_URL)
  url.pathname = `/${rows[0]!.name}`
  return url.href
}
