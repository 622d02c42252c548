import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

// The limit of the nested GraphQL query: Yoga, a dataloader and hand-written, prepared SQL.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 })

interface BareContext {
  request: Request
  accountId: string
  messages: DataLoader<string, unknown[]>
}

const connectionOf = (rows: unknown[]) => ({ edges: rows.map((node) => ({ node })) })

const schema = createSchema<BareContext>({
  typeDefs: /* GraphQL */ `
    type Query {
      me: Me
    }
    type Me {
      id: ID!
      agents(first: Int): AgentConnection!
    }
    type AgentConnection {
      edges: [AgentEdge!]!
    }
    type AgentEdge {
      node: Agent!
    }
    type Agent {
      id: ID!
      name: String!
      status: String!
      messages(first: Int): MessageConnection!
    }
    type MessageConnection {
      edges: [MessageEdge!]!
    }
    type MessageEdge {
      node: Message!
    }
    type Message {
      id: ID!
      content: String!
    }
  `,
  resolvers: {
    Query: { me: (_root: unknown, _args: unknown, { accountId }: BareContext) => ({ id: accountId }) },
    Me: {
      agents: async (me: { id: string }, { first }: { first: number }) =>
        connectionOf(
          await pool
            .query({
              name: 'agents',
              text: 'select id, name, status from agents where account_id = $1 order by created_at desc, id desc limit $2',
              values: [me.id, first],
            })
            .then(({ rows }) => rows),
        ),
    },
    Agent: {
      messages: async (agent: { id: string }, _args: unknown, { messages }: BareContext) => connectionOf(await messages.load(agent.id)),
    },
  },
})

const yoga = createYoga({
  schema,
  logging: false,
  context: async ({ request }) => {
    const hash = createHash('sha256').update(request.headers.get('authorization')!.slice(7)).digest('hex')
    const { rows } = await pool.query({ name: 'key', text: 'select account_id from api_keys where key_hash = $1', values: [hash] })
    return { accountId: rows[0].account_id as string, messages: createLoader() }
  },
})

const createLoader = () =>
  new DataLoader<string, unknown[]>(async (ids) => {
    const { rows } = await pool.query({
      name: 'messages',
      text: `select recent.* from unnest($1::text[]) as wanted(agent_id),
        lateral (select id, agent_id, content from messages where messages.agent_id = wanted.agent_id order by id desc limit 5) as recent`,
      values: [ids],
    })
    const byAgent = Map.groupBy(rows as { agent_id: string }[], ({ agent_id }) => agent_id)
    return ids.map((id) => byAgent.get(id) ?? [])
  })

const server = createServer((request, response) => void yoga(request, response))
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
