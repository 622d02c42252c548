import pg from 'pg'
import { median } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot } from './processes.ts'
import { seedAccount } from './seed.ts'

const TASKS = 200
/** Long enough to store the tasks before they come due. */
const AHEAD_MS = 1500

/** Tasks of as many agents that come due in the same second: how long until each agent was asked and each had answered. */
export async function benchSchedules({ rounds }: { rounds: number }): Promise<void> {
  for (const servers of [1, 2]) {
    const database = await createBenchDatabase()
    const running = await Promise.all(Array.from({ length: servers }, () => startAgentbot({ DATABASE_URL: database.url })))
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      const { accountId } = await seedAccount(running[0]!.url, database.url, { agents: TASKS, messagesPerAgent: 0 })
      const results: Spread[] = []
      for (let round = 0; round < rounds; round++) results.push(await measure(client, accountId, round))
      const of = (pick: (spread: Spread) => number) => `${median(results.map(pick)).toFixed(2)} s`
      console.log(
        `${TASKS} tasks due at once, ${servers} ${servers === 1 ? 'server' : 'servers'}: first asked after ${of(({ first }) => first)}, last after ${of(({ last }) => last)} (aim 5 s), all answered after ${of(({ answered }) => answered)}`,
      )
    } finally {
      await client.end()
      await Promise.all(running.map((server) => server.stop()))
      await database.drop()
    }
  }
}

/** Seconds after the tasks came due. */
interface Spread {
  first: number
  last: number
  answered: number
}

async function measure(client: pg.Client, accountId: string, round: number): Promise<Spread> {
  const due = new Date(Date.now() + AHEAD_MS).toISOString()
  await client.query(
    `insert into schedules (id, account_id, agent_id, kind, name, prompt, cron_expression, next_run_at)
     select 'tsk_' || $2 || '_' || n, $1, 'bench-agent-' || n, 'task', 'Task ' || n, 'calculate 6 * 7', '0 0 1 1 *', $3 from generate_series(1, $4::int) as n`,
    [accountId, round, due, TASKS],
  )
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { rows } = await client.query(
      `select count(*) filter (where status = 'completed')::int as answered, count(*) filter (where status not in ('queued', 'running', 'completed'))::int as lost,
         extract(epoch from min(asked.created_at) - $2)::float8 as first, extract(epoch from max(asked.created_at) - $2)::float8 as last,
         extract(epoch from max(completed_at) - $2)::float8 as answered_after
       from jobs left join messages as asked on asked.id = progress ->> 'messageId' where schedule_id like 'tsk_' || $1 || '_%'`,
      [round, due],
    )
    const { answered, lost, first, last, answered_after } = rows[0]
    if (lost > 0) throw new Error(`${lost} runs failed`)
    if (answered === TASKS) return { first, last, answered: answered_after }
  }
}
