import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { toIsoTimestamp } from '../db/timestamps.ts'

// The limit of `GET /api/agents`: nothing but node:http and pg, the key check and the list in one prepared
// statement. Letting Postgres 15 make the JSON was measured too, and is slower by half.
const TIMESTAMPTZ = 1184
pg.types.setTypeParser(TIMESTAMPTZ, toIsoTimestamp)
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, options: '-c timezone=UTC' })
const text = `
  select id, name, model, status, null as "websocketUrl", created_at as "createdAt", updated_at as "updatedAt"
  from agents where account_id = (select account_id from api_keys where key_hash = $1)
  order by created_at desc, id desc`

const server = createServer((request, response) => {
  const hash = createHash('sha256').update(request.headers.authorization!.slice(7)).digest('hex')
  pool.query({ name: 'list', text, values: [hash] }).then(
    ({ rows }) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ agents: rows, count: rows.length, status: 'ok' })),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
