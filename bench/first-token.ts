import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inTurns, median } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot } from './processes.ts'
import { analyze, seedAccount } from './seed.ts'

const CALLS_PER_ROUND = 100
const WARM_UP_ROUNDS = 5

/** The first token of a streamed chat, against calling the same provider directly. */
export async function benchFirstToken({ rounds }: { rounds: number }): Promise<void> {
  const provider = await startProvider()
  const database = await createBenchDatabase()
  const agentbot = await startAgentbot({
    DATABASE_URL: database.url,
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    DEFAULT_MODEL: 'compatible/instant',
  })
  try {
    const { key } = await seedAccount(agentbot.url, database.url, { agents: 0, messagesPerAgent: 0 })
    const json = { 'content-type': 'application/json' }
    const platformHeaders = { ...json, authorization: `Bearer ${key}` }
    await fetch(`${agentbot.url}/api/agents/provision`, {
      method: 'POST',
      headers: platformHeaders,
      body: JSON.stringify({ name: 'Bench' }),
    })
    const throughPlatform = () =>
      medianFirstToken(
        `${agentbot.url}/api/chat`,
        { ...platformHeaders, accept: 'text/event-stream' },
        { message: 'Hello' },
        'event: delta',
      )
    const directly = () =>
      medianFirstToken(
        `${provider.url}/chat/completions`,
        json,
        { model: 'instant', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
        '"content":"Hi"',
      )
    // As a server that has been running: code compiled by use, and the database knowing how large its tables are.
    for (let call = 0; call < WARM_UP_ROUNDS; call++) await throughPlatform()
    await directly()
    await analyze(database.url)
    const { a, b } = await inTurns(rounds, throughPlatform, directly)
    console.log(
      `first token of a streamed chat: ${median(a).toFixed(2)} ms, directly ${median(b).toFixed(2)} ms, later by ${(median(a) - median(b)).toFixed(2)} ms (aim at most 3 ms)`,
    )
  } finally {
    await agentbot.stop()
    await provider.close()
    await database.drop()
  }
}

async function medianFirstToken(url: string, headers: Record<string, string>, body: unknown, mark: string): Promise<number> {
  const times: number[] = []
  for (let call = 0; call < CALLS_PER_ROUND; call++) {
    const began = performance.now()
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
    let text = ''
    let seenAt = 0
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      if (!seenAt && text.includes(mark)) seenAt = performance.now()
    }
    if (!seenAt) throw new Error(`${url}: no token came.`)
    times.push(seenAt - began)
  }
  return median(times)
}

/** An OpenAI-compatible provider that answers at once, so that only what others add is measured. */
async function startProvider(): Promise<{ url: string; close: () => Promise<void> }> {
  const chunk = (delta: unknown, finish: string | null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'instant', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk({ role: 'assistant', content: 'Hi' }, null))
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(() => closed()))),
  }
}
