import pg from 'pg'

/** Agents of the account $1, $2 of them. */
export const INSERT_AGENTS = `
  insert into agents (id, account_id, name, model, status, plan, ai_provider, started_at)
  select 'bench-agent-' || n, $1, 'Agent number ' || n, 'local/commands', 'running', 'network', 'local', now() from generate_series(1, $2::int) as n`

/** A fresh account with an API key. */
export async function createKey(url: string): Promise<{ key: string; accountId: string }> {
  const credentials = { email: `bench-${Date.now()}@example.org`, password: 'a password for benchmarks' }
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const { id: accountId } = (await (await post('/api/register', credentials)).json()) as { id: string }
  const cookie = (await post('/api/auth/login', credentials)).headers.get('set-cookie')!.split(';')[0]!
  const { key } = (await (await post('/api/keys', { name: 'bench' }, { cookie })).json()) as { key: string }
  return { key, accountId }
}

/** An account with an API key, agents and messages, the rows written straight into the database. */
export async function seedAccount(
  url: string,
  databaseUrl: string,
  { agents, messagesPerAgent }: { agents: number; messagesPerAgent: number },
): Promise<{ key: string; accountId: string }> {
  const { key, accountId } = await createKey(url)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(INSERT_AGENTS, [accountId, agents])
  await client.query(
    `insert into messages (id, account_id, agent_id, sender, content, platform)
     select 'msg_' || lpad(a::text, 6, '0') || lpad(m::text, 8, '0'), $1, 'bench-agent-' || a, case m % 2 when 0 then 'agent' else 'user' end,
       'A message of the usual length, number ' || m, 'api'
     from generate_series(1, $2::int) as a, generate_series(1, $3::int) as m`,
    [accountId, agents, messagesPerAgent],
  )
  await client.end()
  await analyze(databaseUrl)
  return { key, accountId }
}

/** Lets Postgres look at its tables now, as it does by itself every minute. */
export async function analyze(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('vacuum analyze')
  await client.end()
}
