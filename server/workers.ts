import type { Platform } from './platform/core/context.ts'
import { BackgroundLoop } from './platform/jobs/background-loop.ts'
import { systemClock, type Clock } from './platform/jobs/clock.ts'
import { GATEWAY_CHAT, gatewayChat } from './automation/jobs/gateway-chat.service.ts'
import { JobWorker } from './platform/jobs/worker.ts'
import { queueDueRuns } from './automation/schedules/due.service.ts'
import { SCHEDULED_RUN, scheduledRun } from './automation/schedules/runs.service.ts'

/** What a server does by itself. */
export interface Workers {
  /** Resolves once nothing is due and nothing is being done. */
  settled(): Promise<void>
}

/**
 * Starts what the server does by itself: it queues what schedules ask for and works on jobs, together
 * with the other servers of the database. When the server stops, jobs it works on are given back.
 */
export async function startWorkers(platform: Platform, clock: Clock = systemClock): Promise<Workers> {
  const handlers = { [GATEWAY_CHAT]: gatewayChat, [SCHEDULED_RUN]: scheduledRun }
  const worker = new JobWorker(platform, clock, handlers, () => loop.wake())
  const loop = new BackgroundLoop(platform, clock, [() => queueDueRuns(platform, clock), () => worker.lookForWork()])
  platform.beforeClose(async () => {
    await loop.stop()
    await worker.drain()
    await loop.handOver()
  })
  await loop.start()
  return {
    async settled() {
      do {
        await loop.settled()
        await worker.drain()
        await loop.settled()
      } while (!worker.isIdle)
    },
  }
}
