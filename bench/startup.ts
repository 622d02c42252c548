import { median } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot } from './processes.ts'

/** From starting the built server to its first answer, and its memory when it has settled. */
export async function benchStartup({ rounds }: { rounds: number }): Promise<void> {
  const database = await createBenchDatabase()
  try {
    await report('start on the embedded database', 'aim 4 s, 700 MB', rounds, {})
    await report('start on Postgres', 'aim 1.5 s, 200 MB', rounds, { DATABASE_URL: database.url })
  } finally {
    await database.drop()
  }
}

async function report(title: string, aim: string, rounds: number, environment: Record<string, string>): Promise<void> {
  const starts: { seconds: number; rssMb: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    const server = await startAgentbot(environment)
    await fetch(`${server.url}/api/version`)
    const seconds = (performance.now() - began) / 1000
    starts.push({ seconds, rssMb: server.rssMb() })
    await server.stop()
  }
  console.log(
    `${title}: first answer after ${median(starts.map(({ seconds }) => seconds)).toFixed(2)} s, ${median(starts.map(({ rssMb }) => rssMb)).toFixed(0)} MB (${aim})`,
  )
}
