import autocannon from 'autocannon'
import pg from 'pg'
import { inTurns, load, median, type LoadRequest } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot, startBare } from './processes.ts'
import { analyze, createKey } from './seed.ts'

const PLENTY = 1_000_000_000_000
const AT_ONCE = 250

/**
 * What the gate costs while there is plenty, with budgets of the workspace in dollars and in tokens; and two servers with 500 callers at
 * once on one account that reaches its limit meanwhile: how much is spent, and how fast calls are answered.
 */
export async function benchBudgets({ rounds, seconds }: { rounds: number; seconds: number }): Promise<void> {
  const upstream = await startBare('bench/instant-provider.ts')
  const database = await createBenchDatabase()
  const environment = {
    DATABASE_URL: database.url,
    OPENAI_COMPATIBLE_BASE_URL: `${upstream.url}/v1`,
    MODEL_PRICES: 'compatible/instant=10/10',
  }
  const servers = [await startAgentbot(environment), await startAgentbot(environment)] as const
  try {
    const [one] = servers
    const free = await createKey(one.url)
    const limited = await createKey(one.url)
    await setBudget(database.url, limited.accountId, 'tokens', PLENTY)
    await setBudget(database.url, limited.accountId, 'nano_usd', PLENTY)
    await load(one, askWith(free.key), 3)
    await load(one, askWith(limited.key), 3)
    await analyze(database.url)
    const { a, b } = await inTurns(
      rounds,
      () => load(one, askWith(limited.key), seconds),
      () => load(one, askWith(free.key), seconds),
    )
    const rate = (results: typeof a) => median(results.map(({ requestsPerSecond }) => requestsPerSecond))
    const cpu = (results: typeof a) => median(results.map(({ cpuMsPerRequest }) => cpuMsPerRequest))
    console.log(
      `gate of budgets, instant provider: ${rate(a).toFixed(0)} requests/s, without budgets ${rate(b).toFixed(0)}, ratio ${(rate(a) / rate(b)).toFixed(2)} (aim 0.95)`,
    )
    console.log(`  server CPU per request: ${cpu(a).toFixed(3)} ms, without ${cpu(b).toFixed(3)} ms`)

    const urls = servers.map(({ url }) => url)
    const ungated = await floodAll(urls, askWith(free.key), seconds)
    const scarce = await createKey(one.url)
    // An answer takes 23 tokens; a bit more than half of what could be asked for is there.
    const cap = Math.floor(ungated.answered * 23 * 0.6)
    await setBudget(database.url, scarce.accountId, 'tokens', cap)
    const gated = await floodAll(urls, askWith(scarce.key), seconds)
    const spent = await tokensOf(database.url, scarce.accountId)
    console.log(
      `two servers, ${2 * AT_ONCE} callers at the limit: ${gated.rate.toFixed(0)} answers/s, without budgets ${ungated.rate.toFixed(0)}, ratio ${(gated.rate / ungated.rate).toFixed(2)} (aim 0.6)`,
    )
    console.log(`  ${spent} tokens were used of ${cap}: overshoot ${Math.max(spent - cap, 0)} (aim 0)`)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await upstream.stop()
    await database.drop()
  }
}

const askWith = (key: string): LoadRequest & { body: string } => ({
  path: '/v1/chat/completions',
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  body: JSON.stringify({
    model: 'compatible/instant',
    messages: [{ role: 'user', content: 'Name three kinds of knot.' }],
    max_tokens: 64,
  }),
})

/** Calls all servers at once; an answer that refuses is one as well. */
async function floodAll(
  urls: string[],
  { path, headers, body }: LoadRequest,
  seconds: number,
): Promise<{ answered: number; rate: number }> {
  const results = await Promise.all(
    urls.map((url) => autocannon({ url: url + path, method: 'POST', headers, body: body!, connections: AT_ONCE, duration: seconds })),
  )
  const answered = results.reduce((sum, { requests }) => sum + requests.total, 0)
  return { answered, rate: answered / seconds }
}

async function setBudget(databaseUrl: string, accountId: string, unit: 'tokens' | 'nano_usd', cap: number): Promise<void> {
  await query(
    databaseUrl,
    `insert into budgets (id, account_id, kind, owner_id, unit, period, cap) values ('bud_' || $1 || $2::text, $1, 'workspace', $1, $2, 'month', $3)`,
    [accountId, unit, cap],
  )
}

async function tokensOf(databaseUrl: string, accountId: string): Promise<number> {
  // What waits is stored within a moment.
  await new Promise((later) => setTimeout(later, 1000))
  const [row] = await query(databaseUrl, `select sum(tokens)::text as tokens from usage_months where account_id = $1`, [accountId])
  return Number(row!.tokens)
}

async function query(databaseUrl: string, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}
