import type { Platform } from './platform/core/index.ts'
import { BackgroundLoop, systemClock, type Clock, JobWorker } from './platform/jobs/index.ts'
import { GATEWAY_CHAT, gatewayChat } from './automation/jobs/index.ts'
import { PASSWORD_RESET, passwordResetJob } from './identity/mailbox/index.ts'
import { MAIL, mailJob } from './integrations/mail/index.ts'
import { readAgentCredentials } from './agents/definitions/index.ts'
import { USAGE_LOOKUP, usageLookup } from './models/metering/index.ts'
import { WORKSPACE_EXPORT, workspaceExport } from './automation/exports/index.ts'
import { PURCHASE_CLAIM, purchaseClaimJob } from './money/checkout/index.ts'
import { queueDueRuns, SCHEDULED_RUN, scheduledRun } from './automation/schedules/index.ts'

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
  const handlers = {
    [GATEWAY_CHAT]: gatewayChat,
    [SCHEDULED_RUN]: scheduledRun,
    [WORKSPACE_EXPORT]: workspaceExport,
    [MAIL]: mailJob,
    [PASSWORD_RESET]: passwordResetJob,
    [PURCHASE_CLAIM]: purchaseClaimJob,
    [USAGE_LOOKUP]: usageLookup(readAgentCredentials),
  }
  const worker = new JobWorker(platform, clock, handlers, () => loop.wake())
  const loop = new BackgroundLoop(platform, clock, [() => queueDueRuns(platform, clock), () => worker.lookForWork()])
  platform.beforeClose(async () => {
    await loop.stop()
    await worker.drain()
    await loop.giveWorkBack()
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
