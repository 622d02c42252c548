import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databasesOn, type Databases } from '../../../db/client.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { startPrivatePostgres, type PrivatePostgres } from '../../helpers/private-postgres.ts'

// Several servers share one Postgres, which by default allows a hundred connections: three servers can want more.

const postgres = process.env.TEST_DATABASE_URL

/** Fewer than a server opens when it is busy. */
const ALLOWED = 6

let server: PrivatePostgres
let databases: Databases
beforeAll(async () => {
  if (!postgres) return
  server = await startPrivatePostgres({ max_connections: ALLOWED, superuser_reserved_connections: 0, max_wal_senders: 0 })
  databases = databasesOn(openPostgres(server.url))
})
afterAll(async () => {
  if (!postgres) return
  await databases.close()
  await server.close()
})

describe.runIf(postgres)('a Postgres that allows no more connections', () => {
  test('is waited for: calls take turns on those there are', async () => {
    const calls = Array.from({ length: 40 }, (_, number) =>
      sql<{ number: number }>`select ${number}::int as number from pg_sleep(0.02)`.execute(databases.system),
    )
    const answers = await Promise.all(calls)
    expect(answers.map(({ rows }) => rows[0]!.number)).toEqual(calls.map((_, number) => number))
  })
})
