import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The server that is watched. */
export interface HealthWatchTarget {
  url: string
  pid: number
}

/** How a server fared while it was watched. */
export interface Vitals {
  /** How many health checks were made. */
  checks: number
  slowestMs: number
  /** What went wrong with a check, for each that failed. */
  failures: string[]
  /** Resident memory when the watch began, in MB. */
  firstRssMb: number
  /** Most resident memory seen, in MB. */
  peakRssMb: number
}

/** Watches a server's health and memory, once the first check was made, until `end` is called, which returns what was seen. */
export async function watchHealth(target: HealthWatchTarget): Promise<{ end(): Promise<Vitals> }> {
  const worker = new Worker(new URL('./health-watch.worker.ts', import.meta.url), { workerData: target })
  await once(worker, 'message')
  const seen = once(worker, 'message') as Promise<[Vitals]>
  return {
    async end() {
      worker.postMessage('end')
      return (await seen)[0]
    },
  }
}
