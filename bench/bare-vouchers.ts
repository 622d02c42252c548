import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

// The limit of a voucher: nothing but node:http and pg, and the one statement that charges the session. It does
// not look at the signature.
const AMOUNT_MICRO_USD = 10_000
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, options: '-c timezone=UTC' })
const text = `
  with charged as (
    update payment_sessions set spent_micro_usd = spent_micro_usd + $5, pending_vouchers = pending_vouchers + 1
    where id = $2 and address = $3 and status = 'active' and deposit_micro_usd - spent_micro_usd >= $5
    returning id, account_id, deposit_micro_usd, spent_micro_usd, pending_vouchers
  ), recorded as (
    insert into payment_vouchers (id, account_id, session_id, nonce, amount_micro_usd, plugin, signature, captured_at)
    select $1, account_id, id, $4, $5, $6, $7, now() from charged
  )
  select spent_micro_usd as spent, deposit_micro_usd - spent_micro_usd as remaining, pending_vouchers as "pendingVouchers" from charged`

async function readBody(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

let vouchers = 0

const server = createServer((request, response) => {
  readBody(request)
    .then(async ({ sessionId, userAddress, nonce, plugin, signature }) => {
      const values = [`v_bare_${++vouchers}`, sessionId, userAddress!.toLowerCase(), nonce, AMOUNT_MICRO_USD, plugin, signature]
      const { rows } = await pool.query({ name: 'charge', text, values })
      response
        .writeHead(rows.length === 0 ? 400 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ success: true, session: { id: sessionId, ...rows[0] }, voucher: { amount: AMOUNT_MICRO_USD, plugin } }))
    })
    .catch((error: unknown) => response.writeHead(500).end(String(error)))
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
