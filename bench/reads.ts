import { compareLoad, type BenchOptions } from './compare.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot, startBare } from './processes.ts'
import { seedAccount } from './seed.ts'

const NESTED = '{ me { agents(first: 20) { edges { node { id name status messages(first: 5) { edges { node { id content } } } } } } } }'

/** Reads on Postgres with a bearer key: the list of 100 agents over REST, and a nested GraphQL query. */
export async function benchReads(options: BenchOptions): Promise<void> {
  const database = await createBenchDatabase()
  const environment = { DATABASE_URL: database.url }
  const agentbot = await startAgentbot(environment)
  const bareList = await startBare('bench/bare-agents.ts', environment)
  const bareYoga = await startBare('bench/bare-yoga.ts', environment)
  try {
    const { key } = await seedAccount(agentbot.url, database.url, { agents: 100, messagesPerAgent: 20 })
    const headers = { authorization: `Bearer ${key}` }
    await compareLoad('GET /api/agents, 100 agents', '0.6', { path: '/api/agents', headers }, agentbot, bareList, options)
    const query = {
      path: '/graphql',
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: NESTED }),
    } as const
    await compareLoad('nested GraphQL query', '0.6, then 0.75', query, agentbot, bareYoga, options)
  } finally {
    await agentbot.stop()
    await bareList.stop()
    await bareYoga.stop()
    await database.drop()
  }
}
