import { createBenchDatabase } from './postgres.ts'
import { inTurns, load, median } from './load.ts'
import { seedAccount } from './seed.ts'
import { startAgentbot, startBare } from './processes.ts'

/** `GET /api/agents` with a bearer key and 100 agents on Postgres, against the bare server. */
export async function benchAgentsList({ rounds = 5, seconds = 5 } = {}): Promise<void> {
  const database = await createBenchDatabase()
  const agentbot = await startAgentbot({ DATABASE_URL: database.url })
  const bare = await startBare('bench/bare-agents.ts', { DATABASE_URL: database.url })
  try {
    const { key } = await seedAccount(agentbot.url, database.url, { agents: 100, messagesPerAgent: 0 })
    const request = { path: '/api/agents', headers: { authorization: `Bearer ${key}` } }
    await load(agentbot, request, 2)
    await load(bare, request, 2)
    const { a, b } = await inTurns(rounds, () => load(agentbot, request, seconds), () => load(bare, request, seconds))
    const rate = (results: typeof a) => median(results.map(({ requestsPerSecond }) => requestsPerSecond))
    const cpu = (results: typeof a) => median(results.map(({ cpuMsPerRequest }) => cpuMsPerRequest))
    console.log(`GET /api/agents: ${rate(a).toFixed(0)} requests/s against ${rate(b).toFixed(0)} bare: ratio ${(rate(a) / rate(b)).toFixed(2)} (aim 0.5)`)
    console.log(`  server CPU per request: ${cpu(a).toFixed(3)} ms against ${cpu(b).toFixed(3)} ms`)
  } finally {
    await agentbot.stop()
    await bare.stop()
    await database.drop()
  }
}
