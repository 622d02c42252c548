import { type Platform, measureQueues, type QueueLength } from '#server/platform/core/index.ts'
import { countQueues } from './queue-lengths.queries.ts'

/** The servers of this process; tests have several. */
const watched = new Set<Platform>()

/** Has the lengths of a server's queues measured for Prometheus, until the server stops. */
export function watchQueues(platform: Platform): void {
  measureQueues(measureAny)
  watched.add(platform)
  platform.shutdown.addEventListener('abort', () => watched.delete(platform))
}

/** Every server sees the queues of its whole database. */
async function measureAny(): Promise<QueueLength[]> {
  const [platform] = watched
  return platform ? countQueues(platform.databases.system) : []
}
