import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { syncSubscription } from '../../server/money/subscriptions/index.ts'
import { readEnv } from '../../server/platform/core/env.ts'
import { createLogger } from '../../server/platform/core/log.ts'
import { newId } from '../../server/platform/core/ids.ts'
import type { Platform } from '../../server/platform/core/index.ts'
import { startPlatform } from '../../server/platform/host/platform.ts'
import { FakeStripe } from '../fakes/stripe/fake-stripe.ts'
import { payIn } from '../helpers/ledger.ts'

vi.setConfig({ testTimeout: 120_000 })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Works on the data folder while no server and no command does. */
async function onPlatform<T>(variables: Record<string, string>, work: (platform: Platform, accountId: string) => Promise<T>): Promise<T> {
  const env = readEnv({ DATA_DIR: folder, LOG_LEVEL: 'silent', ...variables })
  const platform = await startPlatform(env, createLogger(env))
  try {
    const id = newId('user')
    await platform.databases.system
      .insertInto('accounts')
      .values({ id, name: 'Somebody', referralCode: id.slice(-12).toUpperCase() })
      .execute()
    return await work(platform, id)
  } finally {
    await platform.close()
  }
}

/** Runs a command of the operator's on the data folder. */
async function run(script: string, variables: Record<string, string> = {}) {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../scripts', script)], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', DATA_DIR: folder, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((ended) => child.on('exit', ended))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await exited, out, err }
}

test('ledger:check says that good books balance, and of bad ones what is wrong', async () => {
  const accountId = await onPlatform({}, async (platform, id) => {
    await payIn(platform, id, 5_000_000)
    return id
  })
  expect(await run('ledger-check.ts')).toEqual({
    code: 0,
    out: expect.stringMatching(/^2 entries of 1 transactions .*: they balance$/m),
    err: '',
  })

  await onPlatform({}, async ({ databases: { system } }) => {
    await sql`alter table ledger_entries disable trigger user`.execute(system)
    await system.updateTable('ledgerEntries').set({ amount: 7_000_000 }).where('bookId', '=', `credits:${accountId}`).execute()
    await sql`alter table ledger_entries enable trigger user`.execute(system)
  })
  const { code, out, err } = await run('ledger-check.ts')
  expect(code).toBe(1)
  expect(out).toMatch(/2 problems/)
  expect(err).toMatch(/^test:\d+: does not sum to zero but to 2000000$/m)
  expect(err).toContain(`credits:${accountId}: holds 5000000, its entries say 7000000`)
})

test('billing:verify mends what differs, and fails when something could not be looked at', async () => {
  const stripe = await FakeStripe.start()
  onTestFinished(() => stripe.close())
  const [ended] = await onPlatform(stripe.env, async (platform, userId) => [
    await subscribe(stripe, platform, userId),
    await subscribe(stripe, platform, userId),
  ])
  stripe.life.cancel(ended!)
  stripe.state.events.length = 0
  const { code, out } = await run('billing-verify.ts', stripe.env)
  expect(code).toBe(0)
  expect(out).toContain('2 subscriptions looked at, 1 of them mended.')

  stripe.failNext('GET /v1/subscriptions/{id}', ...Array.from({ length: 3 }, () => ({ status: 500, type: 'api_error' })))
  const failed = await run('billing-verify.ts', stripe.env)
  expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('1 could not be looked at') })
  expect(failed.out).toContain('0 subscriptions looked at, 0 of them mended.')
  const without = await run('billing-verify.ts')
  expect(without).toMatchObject({ code: 1, err: expect.stringMatching(/^This server takes no payments by card/) })
})

/** Somebody pays for more room for files, and the server hears of it. */
async function subscribe(stripe: FakeStripe, platform: Platform, userId: string) {
  const metadata = { type: 'storage_upgrade', userId }
  const price_data = { currency: 'gbp', unit_amount: 3900, recurring: { interval: 'month' as const }, product_data: { name: 'Storage' } }
  const { url } = await stripe.connect().checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price_data, quantity: 1 }],
    metadata,
    subscription_data: { metadata },
    success_url: 'https://example.org',
  })
  const { subscription } = stripe.pay(url!)
  await syncSubscription(platform, subscription!)
  return stripe.state.subscriptions.get(subscription!)!
}
