import { sql } from 'kysely'
import type { Db } from '#db/client.ts'
import type { QueueLength } from '#server/platform/core/index.ts'

/** Messages that wait for answers, and jobs, of all accounts. */
export async function countQueues(systemDb: Db): Promise<QueueLength[]> {
  const { rows } = await sql<QueueLength>`
    select queue, state, coalesce(counted.length, 0) as length
    from (values ('turns', 'queued'), ('turns', 'running'), ('jobs', 'queued'), ('jobs', 'running')) as known (queue, state)
    left join (
      select 'turns' as queue, status as state, count(*) as length from agent_turns where status in ('queued', 'running') group by status
      union all
      select 'jobs', status, count(*) from jobs where status in ('queued', 'running') group by status
    ) as counted using (queue, state)`.execute(systemDb)
  return rows
}
