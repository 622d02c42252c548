import { createBenchDatabase } from './postgres.ts'
import { startAgentbot } from './processes.ts'
import { seedAccount } from './seed.ts'

const AGENTS = 10_000
const CALLS = 1000

/** What agents that live in the server cost it: memory after talking to a thousand of them, against a server with one that is talked to as often. */
export async function benchAgentMemory(): Promise<void> {
  const [one, all] = [await measure(1), await measure(AGENTS)]
  console.log(
    `${AGENTS} agents in the server: ${all.toFixed(0)} MB, with one ${one.toFixed(0)} MB, more by ${(all - one).toFixed(0)} MB (aim under 100)`,
  )
}

/** Resident memory in MB. */
async function measure(agents: number): Promise<number> {
  const database = await createBenchDatabase()
  const agentbot = await startAgentbot({ DATABASE_URL: database.url })
  try {
    const { key } = await seedAccount(agentbot.url, database.url, { agents, messagesPerAgent: 0 })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    for (let call = 0; call < CALLS; call++) {
      const body = JSON.stringify({ agentId: `bench-agent-${1 + ((call * 37) % agents)}`, message: 'help' })
      const answer = await fetch(`${agentbot.url}/api/chat`, { method: 'POST', headers, body })
      if (!answer.ok) throw new Error(`POST /api/chat: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
    return agentbot.rssMb()
  } finally {
    await agentbot.stop()
    await database.drop()
  }
}
