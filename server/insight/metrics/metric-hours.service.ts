import { randomUUID } from 'node:crypto'
import type { Platform } from '#server/platform/core/index.ts'
import { measureLoad } from '../system/index.ts'
import * as queries from './metric-hours.queries.ts'

const HOUR_MS = 60 * 60 * 1000
/** A server that catches up with a month does so in steps that do not take long. */
const STEP_MS = 12 * HOUR_MS

/** Which of several servers took a sample of its load. */
const serverId = randomUUID()

/** Takes a sample of the load of this machine, and then writes down the sums of the last hours. */
export async function keepMetricHours({ databases: { system } }: Platform): Promise<void> {
  const { cpuPercent, memoryPercent } = measureLoad()
  await queries.insertLoadSample(system, serverId, cpuPercent, memoryPercent)
  const end = Date.now() + HOUR_MS
  for (let from = Date.parse(await queries.findFirstHour(system)); from < end; from += STEP_MS)
    await queries.sumHours(system, new Date(from).toISOString(), new Date(from + STEP_MS).toISOString())
}

/** Removes what is older than any range one can ask for. */
export const forgetOldMetrics = (platform: Platform): Promise<void> => queries.deleteOldHours(platform)
