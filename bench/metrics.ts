import pg from 'pg'
import { median } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot } from './processes.ts'
import { analyze, seedAccount } from './seed.ts'

const HOURS = 30 * 24
const ROWS = 1_000_000
const CALLS_PER_ROUND = 50

/** The history of 30 days of one account, with a million rows of sums in the table: until the answer is there, over HTTP. */
export async function benchMetrics({ rounds }: { rounds: number }): Promise<void> {
  const database = await createBenchDatabase()
  const agentbot = await startAgentbot({ DATABASE_URL: database.url })
  try {
    const { key, accountId } = await seedAccount(agentbot.url, database.url, { agents: 10, messagesPerAgent: 100 })
    await seedHours(database.url, accountId)
    await analyze(database.url)
    const url = `${agentbot.url}/api/metrics/${accountId}/historical?range=30d`
    const medians: number[] = []
    let points = 0
    for (let round = 0; round <= rounds; round++) {
      const times: number[] = []
      for (let call = 0; call < CALLS_PER_ROUND; call++) {
        const began = performance.now()
        const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
        points = ((await response.json()) as { metrics: unknown[] }).metrics.length
        times.push(performance.now() - began)
      }
      // The first one warms up.
      if (round > 0) medians.push(median(times))
    }
    console.log(`metrics of 30 days among ${ROWS} hours, ${points} points: ${median(medians).toFixed(1)} ms (aim 20 ms)`)
  } finally {
    await agentbot.stop()
    await database.drop()
  }
}

/** Hours of the account, and of so many others that there are a million. */
async function seedHours(databaseUrl: string, accountId: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const others = Math.ceil(ROWS / HOURS) - 1
    await client.query(
      `insert into accounts (id, email, name, password_hash, referral_code)
       select 'usr_other' || n, 'other' || n || '@example.org', 'Other', '', lpad(n::text, 8, '0') from generate_series(1, $1::int) as n`,
      [others],
    )
    await client.query(
      `insert into metric_hours (account_id, hour, messages, turns, errors, response_count, response_ms_sum, cpu_percent, memory_percent)
       select account, date_trunc('hour', now(), 'UTC') - make_interval(hours => hour), 20, 10, 1, 9, 9000, 12.5, 38.1
       from generate_series(2, $1::int + 1) as hour, (select $2::text as account union all select 'usr_other' || n from generate_series(1, $3::int) as n) as accounts`,
      [HOURS, accountId, others],
    )
    await client.query(
      `insert into load_samples (sampled_at, server_id, cpu_percent, memory_percent)
       select now() - make_interval(mins => 5 * n), 'bench', 12.5, 38.1 from generate_series(0, 12 * 24 * 30) as n`,
    )
  } finally {
    await client.end()
  }
}
