import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { HealthWatchTarget, Vitals } from './health-watch.ts'

/** Asks for the server's health and memory all the time, on a thread that an attack does not keep busy. */
const INTERVAL_MS = 100
/** A check that takes longer counts as failed. */
const GIVE_UP_MS = 5000

const { url, pid } = workerData as HealthWatchTarget
const vitals: Vitals = { checks: 0, slowestMs: 0, failures: [], firstRssMb: rssMb(), peakRssMb: 0 }
const ended = new AbortController()
parentPort!.once('message', () => ended.abort())

do {
  const began = performance.now()
  const failure = await check().catch((error: Error) => error.message)
  vitals.checks++
  vitals.slowestMs = Math.max(vitals.slowestMs, performance.now() - began)
  vitals.peakRssMb = Math.max(vitals.peakRssMb, rssMb())
  if (failure !== undefined) vitals.failures.push(failure)
  if (vitals.checks === 1) parentPort!.postMessage('watching')
  await pause(INTERVAL_MS)
} while (!ended.signal.aborted)
parentPort!.postMessage(vitals)

/** One health check on a connection of its own. @returns what was wrong with it. */
function check(): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/health`, { agent: false, timeout: GIVE_UP_MS }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${GIVE_UP_MS} ms`)))
    request.on('error', reject)
  })
}

/** Resident memory of the server in MB; 0 once it is gone. */
function rssMb(): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
