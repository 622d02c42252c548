import { Agent, request } from 'node:http'
import { inTurns, load, median, type LoadRequest } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot, startBare, type BenchServer } from './processes.ts'
import { analyze, seedAccount } from './seed.ts'

/** `/v1/chat/completions` with key check, limits and metering on, against a bare pass-through proxy before the same provider. */
export async function benchGateway({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  await withServers({}, async (agentbot, bare, headers) => {
    const ask = askWith(headers)
    await load(agentbot, ask, 3)
    await load(bare, ask, 2)
    await analyzeOnce()
    const { a, b } = await inTurns(
      rounds,
      () => load(agentbot, ask, seconds),
      () => load(bare, ask, seconds),
    )
    const rate = (results: typeof a) => median(results.map(({ requestsPerSecond }) => requestsPerSecond))
    const cpu = (results: typeof a) => median(results.map(({ cpuMsPerRequest }) => cpuMsPerRequest))
    console.log(
      `model gateway, instant provider: ${rate(a).toFixed(0)} requests/s, bare proxy ${rate(b).toFixed(0)}, ratio ${(rate(a) / rate(b)).toFixed(2)} (aim 0.25)`,
    )
    console.log(`  server CPU per request: ${cpu(a).toFixed(3)} ms, bare ${cpu(b).toFixed(3)} ms`)
  })

  await withServers({ DELAY_MS: '20' }, async (agentbot, bare, headers) => {
    const measure = (server: BenchServer) => async () => latencies(server.url, askWith(headers), 400)
    // As a server that has been running: code compiled by use.
    for (let round = 0; round < WARM_UP_ROUNDS; round++) await measure(agentbot)()
    await measure(bare)()
    const { a, b } = await inTurns(rounds, measure(agentbot), measure(bare))
    const added = (share: number) => quantile(a.flat(), share) - quantile(b.flat(), share)
    console.log(
      `model gateway, provider of 20 ms: ${added(0.5).toFixed(2)} ms added at the median (aim at most 1.5), ${added(0.99).toFixed(2)} ms at the 99th percentile (aim at most 3)`,
    )
  })

  await withServers({ DELAY_MS: '20', CHUNKS: '50', CHUNK_MS: '5' }, async (agentbot, bare, headers) => {
    const ask = askWith(headers, true)
    const measure = (server: BenchServer) => async () => {
      const streams = []
      for (let call = 0; call < 20; call++) streams.push(await readStream(server.url, ask))
      return streams
    }
    await measure(agentbot)()
    const { a, b } = await inTurns(rounds, measure(agentbot), measure(bare))
    const first = (streams: typeof a) => median(streams.flat().map(({ firstMs }) => firstMs))
    const chunk = (streams: typeof a) => median(streams.flat().flatMap(({ chunkMs }) => chunkMs))
    console.log(
      `model gateway, streamed: first token ${(first(a) - first(b)).toFixed(2)} ms later (aim at most 2), each chunk ${(chunk(a) - chunk(b)).toFixed(3)} ms (aim at most 0.3)`,
    )
  })
}

let analyzeOnce: () => Promise<void> = async () => undefined

async function withServers(
  provider: Record<string, string>,
  work: (agentbot: BenchServer, bare: BenchServer, headers: Record<string, string>) => Promise<void>,
): Promise<void> {
  const upstream = await startBare('bench/instant-provider.ts', provider)
  const database = await createBenchDatabase()
  const agentbot = await startAgentbot({ DATABASE_URL: database.url, OPENAI_COMPATIBLE_BASE_URL: `${upstream.url}/v1` })
  const bare = await startBare('bench/bare-proxy.ts', { UPSTREAM: upstream.url })
  try {
    const { key } = await seedAccount(agentbot.url, database.url, { agents: 0, messagesPerAgent: 0 })
    analyzeOnce = () => analyze(database.url)
    await work(agentbot, bare, { 'content-type': 'application/json', authorization: `Bearer ${key}` })
  } finally {
    await Promise.all([agentbot.stop(), bare.stop()])
    await upstream.stop()
    await database.drop()
  }
}

const askWith = (headers: Record<string, string>, stream = false): LoadRequest & { body: string } => ({
  path: '/v1/chat/completions',
  method: 'POST',
  headers,
  body: JSON.stringify({
    model: 'compatible/instant',
    messages: [{ role: 'user', content: 'Name three kinds of knot.' }],
    ...(stream ? { stream } : {}),
  }),
})

const WARM_UP_ROUNDS = 8
const CONCURRENT = 8

/** Milliseconds of many calls, eight at a time. */
async function latencies(url: string, ask: LoadRequest, calls: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const times: number[] = []
  const one = async () => {
    while (times.length < calls) {
      const began = performance.now()
      await post(url, ask, agent, () => undefined)
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT }, one))
  agent.destroy()
  return times
}

/** When the first piece came, and how long each was under way. */
async function readStream(url: string, ask: LoadRequest): Promise<{ firstMs: number; chunkMs: number[] }> {
  const agent = new Agent({ keepAlive: true })
  const began = performance.now()
  let firstMs = 0
  const chunkMs: number[] = []
  await post(url, ask, agent, (text) => {
    const arrived = performance.now()
    for (const [, sent] of text.matchAll(/"content":"at ([\d.]+) "/g)) {
      firstMs ||= arrived - began
      chunkMs.push(performance.timeOrigin + arrived - Number(sent))
    }
  })
  agent.destroy()
  return { firstMs, chunkMs }
}

function post(url: string, { path, headers, body }: LoadRequest, agent: Agent, onText: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      url + path,
      { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body!) }, agent },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url}${path}: ${response.statusCode}`))
        response.setEncoding('utf8').on('data', onText).on('end', resolve).on('error', reject)
      },
    )
    call.on('error', reject).end(body)
  })
}

const quantile = (values: number[], share: number): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!
