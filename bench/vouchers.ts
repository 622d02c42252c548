import pg from 'pg'
import { signRecoverable } from 'tiny-secp256k1'
import { hashTypedData, hexToBytes } from 'viem/utils'
import { voucherTypedData } from '../server/money/payments/voucher-signature.rules.ts'
import { printComparison } from './compare.ts'
import { inTurns, load, type LoadResult } from './load.ts'
import { createBenchDatabase } from './postgres.ts'
import { startAgentbot, startBare, type BenchServer } from './processes.ts'
import { analyze, seedAccount } from './seed.ts'

const VOUCHERS_PER_ROUND = 5000
const TEMPO_MAIN = 4217
// Of the test chains: everybody knows its key.
const ADDRESS = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'
const KEY = hexToBytes('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d')

/** Signed vouchers that all charge one session, each with a nonce of its own, against the bare statement without a look at the signature. */
export async function benchVouchers({ rounds }: { rounds: number }): Promise<void> {
  const database = await createBenchDatabase()
  const environment = { DATABASE_URL: database.url }
  const agentbot = await startAgentbot(environment)
  const bare = await startBare('bench/bare-vouchers.ts', environment)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    const { accountId } = await seedAccount(agentbot.url, database.url, { agents: 0, messagesPerAgent: 0 })
    let sessions = 0
    const measure = async (server: BenchServer): Promise<LoadResult> => {
      const sessionId = `ses_bench${++sessions}`
      await openSession(client, accountId, sessionId)
      const bodies = Array.from({ length: VOUCHERS_PER_ROUND }, (_, index) => JSON.stringify(signVoucher(sessionId, `n-${index}`)))
      await analyze(database.url)
      const headers = { 'content-type': 'application/json' }
      return load(server, { path: '/api/wallet/sessions/voucher', method: 'POST', headers, bodies }, 0)
    }
    await measure(agentbot)
    await measure(bare)
    const results = await inTurns(
      rounds,
      () => measure(agentbot),
      () => measure(bare),
    )
    printComparison('vouchers on one session', '0.5', results)
  } finally {
    await client.end()
    await agentbot.stop()
    await bare.stop()
    await database.drop()
  }
}

function signVoucher(sessionId: string, nonce: string): Record<string, string> {
  const plugin = 'generate-text'
  const digest = hashTypedData(voucherTypedData({ sessionId, plugin, amountMicroUsd: 10_000, nonce }, TEMPO_MAIN))
  const { signature, recoveryId } = signRecoverable(hexToBytes(digest), KEY)
  return { sessionId, userAddress: ADDRESS, plugin, nonce, signature: `0x${Buffer.from([...signature, 27 + recoveryId]).toString('hex')}` }
}

/** A session with the largest deposit, credited by the platform; the one before makes room for it. */
async function openSession(client: pg.Client, accountId: string, sessionId: string): Promise<void> {
  await client.query('begin')
  await client.query(`update payment_sessions set address = '0x' || lpad(substr(id, 10), 40, '0') where account_id = $1`, [accountId])
  await client.query(
    `insert into ledger_books (id, account_id, currency) values ('issued:credits', null, 'usd-micro'), ('session:' || $2, $1, 'usd-micro')
     on conflict do nothing`,
    [accountId, sessionId],
  )
  await client.query(
    `insert into ledger_entries (transaction_id, book_id, amount, reason)
     values ('bench:' || $1, 'issued:credits', -100000000, 'bench'), ('bench:' || $1, 'session:' || $1, 100000000, 'bench')`,
    [sessionId],
  )
  await client.query(`insert into payment_sessions (id, account_id, address, deposit_micro_usd) values ($2, $1, $3, 100000000)`, [
    accountId,
    sessionId,
    ADDRESS,
  ])
  await client.query('commit')
}
