import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { SERVER, startServerProcess, type ServerProcess } from '../../scripts/server-process.ts'
import { readHeapMb } from './heap.ts'
import { watchHealth } from './health-watch.ts'

/** What the server keeps alive has to fit in here, in MB, or it dies of it; garbage is cleared away in time to be told from it. The inspector says how much that is. */
const HEAP_OPTIONS = '--max-old-space-size=384 --max-semi-space-size=8 --inspect=127.0.0.1:0'

/** Longest a health check may take while an attack goes on. */
const MAX_HEALTH_MS = 1000

/** An account on the attacked server. */
export interface AttackerAccount {
  id: string
  email: string
  password: string
  /** An API key without limits of scope. */
  key: string
  /** The session's cookie, `name=value`. */
  cookie: string
}

/** The built server in a process of its own, as somebody outside meets it. */
export interface AttackedServer extends Pick<ServerProcess, 'url' | 'pid' | 'output'> {
  dataDir: string
  /** A fresh account that is signed in and has an API key. */
  createAccount(): Promise<AttackerAccount>
  /** Sends JSON with an API key and reads a JSON answer. */
  call(method: string, path: string, options?: { key?: string; body?: unknown }): Promise<{ status: number; body: unknown }>
  /**
   * Runs an attack and asserts that the server stayed alive, that each health check meanwhile answered within a
   * second, and that its resident memory never grew by more than `maxGrowthMb` over what it was before.
   */
  underWatch<T>(limits: { maxGrowthMb: number }, attack: () => Promise<T>): Promise<T>
  /** What it keeps alive now, in MB: garbage is cleared away first. */
  heapMb(): Promise<number>
  /** Sends a signal and waits for the end. @returns the exit code; null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** Ends it and removes its data. */
  close(): Promise<void>
}

type Send = (method: string, path: string, headers: Record<string, string>, body?: unknown) => Promise<Response>

/** Calls of each kind before a server counts as one that has been running. */
const CALLS_BEFORE = 30

/**
 * Uses a fresh server as anybody would. Its database is compiled by being used, which takes hundreds of megabytes
 * for a moment, and an attack is not to be held to account for that.
 */
async function useForAWhile(send: Send, { key }: AttackerAccount): Promise<void> {
  const headers = { authorization: `Bearer ${key}` }
  const provisioned = await send('POST', '/api/agents/provision', headers, { name: 'Warm', model: 'local/commands' })
  const { agent } = (await provisioned.json()) as { agent: { id: string } }
  for (let count = 0; count < CALLS_BEFORE; count++) {
    await (await send('POST', '/api/chat', headers, { agentId: agent.id, message: `calculate ${count} + 1` })).text()
    await (await send('POST', '/api/memory', headers, { agentId: agent.id, key: `warm${count}`, memory: count })).text()
    await (
      await send('POST', '/graphql', headers, { query: `{ me { name agents(first: 1) { edges { node { id } } } } } # ${count}` })
    ).text()
  }
}

/**
 * Starts the production build on an embedded database of its own, with the rate limits a stranger meets unless
 * `RATE_LIMIT_SCALE` says otherwise.
 *
 * @param variables Further environment variables.
 */
export async function startAttackedServer(variables: Record<string, string> = {}): Promise<AttackedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-attack-'))
  const { url, pid, output, stop } = await startServerProcess(SERVER, {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: HEAP_OPTIONS,
    ...variables,
  })

  const send: Send = (method, path, headers, body) =>
    fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  let accounts = 0
  const createAccount = async (): Promise<AttackerAccount> => {
    const email = `attacker${++accounts}@example.org`
    const password = 'correct horse battery'
    const registered = await send('POST', '/api/register', {}, { email, password })
    expect(registered.status, 'registering').toBe(200)
    const { id } = (await registered.json()) as { id: string }
    const signedIn = await send('POST', '/api/auth/login', {}, { email, password })
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!
    const { key } = (await (await send('POST', '/api/keys', { cookie }, { name: 'attack' })).json()) as { key: string }
    return { id, email, password, key, cookie }
  }
  await useForAWhile(send, await createAccount())

  return {
    url,
    pid,
    output,
    dataDir,
    createAccount,
    async call(method, path, { key, body } = {}) {
      const response = await send(method, path, key ? { authorization: `Bearer ${key}` } : {}, body)
      const text = await response.text()
      return { status: response.status, body: text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text }
    },
    async underWatch({ maxGrowthMb }, attack) {
      const watch = await watchHealth({ url, pid })
      const result = await attack().finally(async () => {
        const { failures, slowestMs, firstRssMb, peakRssMb } = await watch.end()
        expect(failures, `failed health checks; the server said: ${output.slice(-5).join('\n')}`).toEqual([])
        expect(slowestMs, 'slowest health check in ms').toBeLessThan(MAX_HEALTH_MS)
        expect(peakRssMb - firstRssMb, 'growth of the resident memory in MB').toBeLessThan(maxGrowthMb)
      })
      return result
    },
    heapMb: () => readHeapMb(output),
    stop,
    async close() {
      await stop('SIGKILL')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
