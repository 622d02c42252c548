import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Where the benchmarks find a Postgres server. */
export const postgresServer = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** A new database of its own. */
export async function createBenchDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `agentbot_bench_${randomBytes(4).toString('hex')}`
  await run(`create database ${name}`)
  const url = new URL(postgresServer)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database if exists ${name} with (force)`) }
}

async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresServer })
  await client.connect()
  await client.query(statement)
  await client.end()
}
