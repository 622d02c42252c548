import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../../server/operations.ts'
import { markEmailVerified } from '../../../server/identity/accounts/accounts.service.ts'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { bookOf } from '../../helpers/ledger.ts'
import { startTempoChain, type TempoChain } from '../../helpers/tempo-chain.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// A sign-up alone brings nobody anything: anybody can make a thousand.

const CREDITS = 10
const LIMIT = 3

let chain: TempoChain
let server: TestServer
beforeAll(async () => {
  chain = await startTempoChain()
  server = await startTestServer({ ...chain.variables(), MAX_CREDITED_REFERRALS: String(LIMIT) })
})
afterAll(async () => {
  await server.close()
  await chain.close()
})

const profileOf = async (account: TestAccount) => (await server.call('GET', '/api/settings', { key: account.key })).body
const verify = ({ email }: TestAccount) => markEmailVerified(server.platform, email)

/** Somebody with a code, and accounts that were made with it. */
async function refer(count: number): Promise<{ referrer: TestAccount; referred: TestAccount[] }> {
  const referrer = await server.createAccount()
  const { referralCode } = await profileOf(referrer)
  const referred: TestAccount[] = []
  for (let index = 0; index < count; index++) referred.push(await server.createAccount({ referralCode }))
  return { referrer, referred }
}

describe('a sign-up with a referral code', () => {
  test('brings nothing by itself, however many there are, and says what is pending', async () => {
    const { referrer, referred } = await refer(5)
    expect(await profileOf(referrer)).toMatchObject({ credits: 0, referral: null, referrals: { pending: 5, credited: 0, limit: LIMIT } })
    for (const account of referred)
      expect(await profileOf(account)).toMatchObject({ credits: 0, referral: { status: 'pending', credits: CREDITS } })
    const session = { address: '0x0000000000000000000000000000000000000001', deposit: '1.00' }
    expect((await server.call('POST', '/api/wallet/sessions', { key: referrer.key, body: session })).status).toBe(402)
  })

  test('is answered with it by REST, tRPC and GraphQL', async () => {
    const { referralCode } = await profileOf(await server.createAccount())
    const input = (name: string) => ({ email: `${name}-${Date.now()}@example.org`, password: 'old-harbour-light', referralCode })
    const pending = { status: 'pending', credits: CREDITS }
    expect((await server.call('POST', '/api/register', { body: input('rest') })).body.referral).toEqual(pending)
    for (const [name, callBy] of [
      ['trpc', callTrpc],
      ['graphql', callGraphql],
    ] as const)
      expect((await callBy(server, operations.accounts.register, input(name), {})).text).toMatch(
        /"referral":\{("credits":10,"status":"pending"|"status":"pending","credits":10)\}/i,
      )
    const { referralCode: _none, ...plain } = input('plain')
    expect((await server.call('POST', '/api/register', { body: plain })).body.referral).toBeNull()
  })
})

describe('the credit of a referral', () => {
  test('comes to both sides once the address is verified, and once only', async () => {
    const { referrer, referred } = await refer(1)
    for (let time = 0; time < 3; time++) expect(await verify(referred[0]!)).toBe(true)
    expect(await profileOf(referred[0]!)).toMatchObject({ credits: CREDITS, referral: { status: 'credited', credits: CREDITS } })
    expect(await profileOf(referrer)).toMatchObject({ credits: CREDITS, referrals: { pending: 0, credited: 1 } })
  })

  test('comes with the first deposit, and not again with the address', async () => {
    const { referrer, referred } = await refer(1)
    const [account] = referred as [TestAccount]
    const payer = await chain.createPayer()
    const { memo, recipient } = await server.trpc({ key: account.key }).payments.depositTerms.query({})
    const depositTx = await chain.transfer(payer, { to: recipient as `0x${string}`, amount: 2_000_000n, memo: memo as `0x${string}` })
    const body = { address: payer.address, deposit: '2.00', depositTx }
    expect(await server.call('POST', '/api/wallet/sessions', { key: account.key, body })).toMatchObject({ status: 201 })
    for (const one of [referrer, account]) expect((await profileOf(one)).credits).toBe(CREDITS)
    await verify(account)
    for (const one of [referrer, account]) expect((await profileOf(one)).credits).toBe(CREDITS)
  })

  test('does not come for an account without a referral, or for a stranger', async () => {
    const account = await server.createAccount()
    expect(await verify(account)).toBe(true)
    expect((await profileOf(account)).credits).toBe(0)
    expect(await markEmailVerified(server.platform, 'nobody-at-all@example.org')).toBe(false)
  })

  test('comes for as many as the operator lets it, though twenty are verified at once, each twice', async () => {
    const { referrer, referred } = await refer(20)
    const issued = await bookOf(server.platform, 'issued:credits')
    await Promise.all([...referred, ...referred].map(verify))
    expect(await profileOf(referrer)).toMatchObject({ credits: LIMIT * CREDITS, referrals: { pending: 0, credited: LIMIT, limit: LIMIT } })
    const statuses = await Promise.all(referred.map(async (account) => (await profileOf(account)).referral))
    expect(statuses.filter(({ status }) => status === 'credited')).toHaveLength(LIMIT)
    expect(statuses.filter(({ status }) => status === 'capped')).toEqual(
      Array.from({ length: 20 - LIMIT }, () => ({ status: 'capped', credits: 0 })),
    )
    expect(issued - (await bookOf(server.platform, 'issued:credits'))).toBe(2 * LIMIT * CREDITS * 1_000_000)
  })
})
