import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPrivatePostgres, type PrivatePostgres } from '../helpers/private-postgres.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

const MAX_ANSWER_MS = 10_000

let postgres: PrivatePostgres
let server: AttackedServer
let key: string
let agentId: string
beforeAll(async () => {
  postgres = await startPrivatePostgres()
  server = await startAttackedServer({
    DATABASE_URL: postgres.url,
    APP_SECRET: 'a secret that only tests use, long enough',
    RATE_LIMIT_SCALE: '1000',
  })
  key = (await server.createAccount()).key
  agentId = ((await server.call('POST', '/api/agents', { key, body: { name: 'Steady' } })).body as { id: string }).id
})
afterAll(async () => {
  await server.close()
  await postgres.close()
})

/** Stores keys from several callers at once until it is told to end; what was acknowledged has to stay. */
function startWriting() {
  const acknowledged: string[] = []
  const statuses = new Set<number>()
  let slowestMs = 0
  const over = new AbortController()
  const write = async (caller: number) => {
    for (let count = 0; !over.signal.aborted; count++) {
      const began = performance.now()
      const name = `w${caller}-${acknowledged.length}-${count}`
      const { status } = await server.call('POST', '/api/memory', { key, body: { agentId, key: name, memory: count } })
      slowestMs = Math.max(slowestMs, performance.now() - began)
      statuses.add(status)
      if (status < 300) acknowledged.push(name)
    }
  }
  const writers = Array.from({ length: 8 }, (_, caller) => write(caller))
  return {
    acknowledged,
    /** Resolves once so many more writes were acknowledged. */
    progress: (more: number) => {
      const wanted = acknowledged.length + more
      return expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(wanted)
    },
    refused: () => expect.poll(() => statuses.has(503), { timeout: 20_000 }).toBe(true),
    async end() {
      over.abort()
      await Promise.all(writers)
      return { statuses: [...statuses].sort(), slowestMs }
    },
  }
}

async function terminateAllBackends(): Promise<void> {
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`)
  await admin.end()
}

const ready = async () => {
  const response = await fetch(`${server.url}/ready`)
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() }
}

const notReady = {
  status: 503,
  retryAfter: '5',
  body: { code: 'NOT_READY', missing: [{ part: 'database', reason: 'The database does not answer.' }] },
}

test('killed backends, a killed and a frozen Postgres are survived under load, and nothing acknowledged is lost', async () => {
  await server.underWatch({ maxGrowthMb: 200 }, async () => {
    const writing = startWriting()
    await writing.progress(50)

    await terminateAllBackends()
    await writing.progress(50)

    await postgres.kill()
    await writing.refused()
    expect(await ready()).toMatchObject(notReady)
    await postgres.start()
    await writing.progress(50)
    expect(await ready()).toMatchObject({ status: 200, body: { status: 'ready' } })

    await postgres.freeze()
    expect(await ready()).toMatchObject(notReady)
    const { statuses, slowestMs } = await writing.end()
    await postgres.thaw()
    expect(statuses).toEqual([200, 503])
    expect(slowestMs).toBeLessThan(MAX_ANSWER_MS)

    await expect.poll(async () => (await ready()).status, { timeout: 20_000 }).toBe(200)
    const { memory } = (await server.call('GET', `/api/memory?agentId=${agentId}`, { key })).body as { memory: Record<string, unknown> }
    expect(Object.keys(memory)).toEqual(expect.arrayContaining(writing.acknowledged))
    // Everything that needs the database failed for seconds; the log says so in a few lines.
    expect(server.output.filter((line) => line.includes('"level":50')).length).toBeLessThan(10)
  })
})

test('a call while Postgres is frozen gets 503 in time through every transport, and SIGTERM still works', async () => {
  await postgres.freeze()
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const ask = async (path: string, body?: unknown) => {
    const began = performance.now()
    const response = await fetch(server.url + path, { headers, ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}) })
    expect(performance.now() - began, path).toBeLessThan(MAX_ANSWER_MS)
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
  }
  const [rest, trpc, graphql] = await Promise.all([
    ask('/api/agents'),
    ask('/trpc/agents.list'),
    ask('/graphql', { query: '{ me { agents(first: 1) { totalCount edges { node { id } } } } }' }),
  ])
  for (const answer of [rest, trpc]) expect(answer).toMatchObject({ status: 503, retryAfter: '5' })
  expect(graphql).toMatchObject({ retryAfter: '5' })
  for (const { text } of [rest, trpc, graphql]) expect(text).toContain('DATABASE_UNAVAILABLE')

  const began = performance.now()
  expect(await server.stop('SIGTERM')).toBe(0)
  expect(performance.now() - began).toBeLessThan(30_000)
})
