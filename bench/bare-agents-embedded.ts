import { PGlite } from '@electric-sql/pglite'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { toIsoTimestamp } from '../db/timestamps.ts'

// The limit of `GET /api/agents` on the embedded database: nothing but node:http and PGlite, the key check and the list in
// one statement.
const TIMESTAMPTZ = 1184
const lite = await PGlite.create(join(process.env.DATA_DIR!, 'pglite'), { parsers: { [TIMESTAMPTZ]: toIsoTimestamp } })
await lite.exec(`set timezone = 'UTC'`)
const text = `
  select id, name, model, status, null as "websocketUrl", created_at as "createdAt", updated_at as "updatedAt"
  from agents where account_id = (select account_id from api_keys where key_hash = $1)
  order by created_at desc, id desc`

const server = createServer((request, response) => {
  const hash = createHash('sha256').update(request.headers.authorization!.slice(7)).digest('hex')
  lite.query(text, [hash]).then(
    ({ rows }) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ agents: rows, count: rows.length, status: 'ok' })),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
