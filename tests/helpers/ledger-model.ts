import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect } from 'vitest'
import {
  chainPayment,
  recordIncome,
  releaseExpiredHolds,
  releaseHold,
  reserveCredits,
  settleHold,
} from '../../server/money/billing/ledger.service.ts'
import type { AccountContext, AccountId, Context, Platform } from '../../server/platform/core/context.ts'
import { AppError } from '../../server/platform/core/errors.ts'
import type { Payment } from '../../server/money/payments/payment.ts'
import { authorizeSession, releaseExpiredVouchers } from '../../server/money/payments/session-payment.service.ts'
import { refundUnusedPayments } from '../../server/money/payments/refunds.service.ts'
import { closeSession, openSession } from '../../server/money/payments/sessions.service.ts'
import { settleDueSessions } from '../../server/money/payments/settlement.service.ts'
import { submitVoucher } from '../../server/money/payments/vouchers.service.ts'
import { signVoucher, wallet } from '../contract/wallet.ts'
import { BudgetedSpending, type SpendingAct } from './budgeted-spending.ts'
import { failAfter, ServerDied } from './failing-server.ts'

/** One thing somebody does with money; `which` picks from what there is. */
type Act =
  | { do: 'credit' | 'reserve' | 'settle' | 'authorize' | 'pay'; which: number; microUsd: number }
  | { do: 'open'; which: number; cents: number }
  | { do: 'release' | 'capture' | 'giveBack' | 'submit' | 'close'; which: number }
  | { do: 'settleDue' | 'tidy' | 'refund' }

/** What is done, and after how many statements the server that does it dies. */
export interface Step {
  act: Act | SpendingAct
  dies?: number | undefined
  /** It did not die before, but its answer never arrived. */
  isAnswerLost?: boolean
}

const START = 30_000_000
let banks = 0

/** Two accounts and all they do with their money, and what has to be true of it by what they were told. */
export class LedgerModel {
  readonly #platform: Platform
  readonly #accounts: AccountId[]
  readonly #credited = new Map<AccountId, number>()
  readonly #holds: { id: string; microUsd: number; taken?: number }[] = []
  readonly #sessions = new Set<string>()
  readonly #payments: Payment[] = []
  /** Payments on the chain for calls that failed, which whoever made them knows to be booked. */
  readonly #paid: string[] = []
  /** Charges that callers know to be good: ids of those of calls, nonces of those that were submitted. */
  readonly #charged = new Set<string>()
  /** Charges whose server died: good or not, nobody was told. */
  #unsure = 0
  #count = 0
  readonly #spending: BudgetedSpending

  private constructor(platform: Platform, accounts: AccountId[], spending: BudgetedSpending) {
    this.#platform = platform
    this.#accounts = accounts
    this.#spending = spending
  }

  static async open(platform: Platform): Promise<LedgerModel> {
    const accounts = [`usr_a${++banks}`, `usr_b${banks}`] as AccountId[]
    const rows = accounts.map((id) => ({ id, name: id, referralCode: id.toUpperCase() }))
    await platform.databases.system.insertInto('accounts').values(rows).execute()
    const bank = new LedgerModel(platform, accounts, await BudgetedSpending.open(platform, accounts))
    for (const [index] of accounts.entries()) {
      await bank.take({ act: { do: 'credit', which: index, microUsd: START } })
      await bank.take({ act: { do: 'open', which: index, cents: 1000 } })
    }
    return bank
  }

  /** Does it; a refusal is an answer too. @throws whatever is neither a refusal nor the death of the server. */
  async take({ act, dies, isAnswerLost }: Step): Promise<void> {
    if (isSpending(act)) return this.#spending.take(act, dies)
    const platform = dies === undefined ? this.#platform : failAfter(this.#platform, dies)
    try {
      const learn = await this.#do(platform, act)
      if (isAnswerLost) throw new ServerDied()
      learn()
    } catch (error) {
      if (!(error instanceof AppError || error instanceof ServerDied)) throw error
      if (error instanceof ServerDied && (act.do === 'capture' || act.do === 'submit')) this.#unsure++
    }
  }

  /** @returns what notes down what the caller is told. */
  async #do(platform: Platform, act: Act): Promise<() => void> {
    switch (act.do) {
      case 'credit':
        return this.#credit(platform, pick(this.#accounts, act.which)!, act.microUsd)
      case 'reserve': {
        const id = await reserveCredits(platform, pick(this.#accounts, act.which)!, act.microUsd, 'test')
        return () => void this.#holds.push({ id, microUsd: act.microUsd })
      }
      case 'settle':
        return this.#endHold(act.which, act.microUsd, (id) => settleHold(platform, id, act.microUsd))
      case 'release':
        return this.#endHold(act.which, 0, (id) => releaseHold(platform, id))
      case 'open': {
        const input = { address: wallet.address, deposit: (act.cents / 100).toFixed(2) }
        const { session } = await openSession(contextOf(platform, pick(this.#accounts, act.which)!), input)
        return () => void this.#sessions.add(session.id)
      }
      case 'authorize': {
        const price = { plugin: 'agent', amountMicroUsd: act.microUsd, description: '' }
        const sessionId = pick([...this.#sessions], act.which)!
        const signed = await signVoucher(sessionId, price)
        const credential = { sessionId, walletAddress: wallet.address, voucherNonce: signed.nonce, voucherSignature: signed.signature }
        const payment = await authorizeSession({ platform, actor: { kind: 'anonymous' } } as Context, price, credential)
        return () => void this.#payments.push(payment)
      }
      case 'capture': {
        const reference = (await this.#takePayment(act.which)?.capture())?.reference
        return () => void (reference && this.#charged.add(reference.split(':')[2]!))
      }
      case 'giveBack':
        await this.#takePayment(act.which)?.release()
        return nothingToLearn
      case 'submit': {
        const voucher = await signVoucher(pick([...this.#sessions], act.which)!)
        await submitVoucher({ platform } as Context, voucher)
        return () => void this.#charged.add(voucher.nonce)
      }
      case 'settleDue':
        await sql`update payment_sessions set last_settled_at = now() - interval '61 minutes'`.execute(this.#platform.databases.system)
        await settleDueSessions(platform)
        return nothingToLearn
      case 'close': {
        const sessionId = pick([...this.#sessions], act.which)!
        for (const account of this.#accounts) await closeSession(contextOf(platform, account), { sessionId }).catch(ignoreRefusal)
        return nothingToLearn
      }
      case 'pay': {
        const id = await this.#pay(platform, pick(this.#accounts, act.which)!, act.microUsd)
        return () => void this.#paid.push(id)
      }
      case 'refund':
        await this.#refund(platform)
        return nothingToLearn
      case 'tidy':
        await this.#tidy(platform)
        return nothingToLearn
    }
  }

  /** Whoever is paid on a chain reports it again when the answer does not come. */
  async #credit(platform: Platform, accountId: AccountId, amountMicroUsd: number): Promise<() => void> {
    const income = { transactionId: `${accountId}:${++this.#count}`, fromAccount: 'chain:1', amountMicroUsd, reason: 'test', accountId }
    const book = ({ databases }: Platform) => databases.system.transaction().execute((db) => recordIncome(db, income))
    await book(platform).catch(ignoreDeath)
    await book(this.#platform)
    this.#credited.set(accountId, (this.#credited.get(accountId) ?? 0) + amountMicroUsd)
    return nothingToLearn
  }

  /** A payment on a chain for a call that then failed. @returns its id. */
  async #pay({ databases }: Platform, accountId: AccountId, amountMicroUsd: number): Promise<string> {
    const id = `pay_${accountId}_${++this.#count}`
    const txHash = `0x${createHash('sha256').update(id).digest('hex')}`
    await databases.system.transaction().execute(async (db) => {
      await sql`
        insert into chain_payments (id, account_id, challenge_id, tx_hash, payer, plugin, amount_micro_usd, chain_id, state, confirmed_at)
        values (${id}, ${accountId}, ${id}, ${txHash}, ${wallet.address.toLowerCase()}, 'agent', ${amountMicroUsd}, 1, 'confirmed', now())`.execute(
        db,
      )
      await recordIncome(db, { ...chainPayment(1, txHash), amountMicroUsd, reason: 'test', accountId: null })
    })
    return id
  }

  /** Payments that nothing was got for are old enough to be given back. */
  async #refund(platform: Platform): Promise<void> {
    const { system } = this.#platform.databases
    await sql`update chain_payments set confirmed_at = now() - interval '25 hours' where account_id in (${sql.join(this.#accounts)})`.execute(
      system,
    )
    await refundUnusedPayments(platform)
  }

  async #endHold(which: number, microUsd: number, end: (id: string) => Promise<void>): Promise<() => void> {
    const hold = pick(this.#holds, which)
    if (!hold) return nothingToLearn
    await end(hold.id)
    return () => {
      const taken = Math.min(microUsd, hold.microUsd)
      expect(hold.taken ?? taken, 'a hold ends once').toBe(taken)
      hold.taken = taken
    }
  }

  #takePayment(which: number): Payment | undefined {
    return this.#payments.splice(which % Math.max(1, this.#payments.length), 1)[0]
  }

  /** What servers that died have left behind is over its time. */
  async #tidy(platform: Platform): Promise<void> {
    const { system } = this.#platform.databases
    await sql`update ledger_holds set expires_at = now() where state = 'open'`.execute(system)
    await sql`update payment_vouchers set created_at = now() - interval '3 hours' where captured_at is null`.execute(system)
    await releaseExpiredHolds(platform)
    await releaseExpiredVouchers(platform)
  }

  /** Everybody's money is somewhere, each session is what its vouchers say, and no budget is passed. */
  async check(): Promise<void> {
    await this.#spending.check()
    const { system } = this.#platform.databases
    const { rows } = await sql<{ id: AccountId; total: number }>`
      select id, (select coalesce(sum(balance), 0) from ledger_books where account_id = accounts.id)::int8
        + (select coalesce(sum(settled_micro_usd), 0) from payment_sessions where account_id = accounts.id)::int8
        + (select coalesce(sum(taken_micro_usd), 0) from ledger_holds where account_id = accounts.id)::int8
        - (select coalesce(sum(amount_micro_usd), 0) from chain_payments where account_id = accounts.id and refunded_at is not null)::int8 as total
      from accounts where id in (${sql.join(this.#accounts)})`.execute(system)
    expect(new Map(rows.map(({ id, total }) => [id, total]))).toEqual(this.#credited)

    const { rows: wrong } = await sql`
      select spent_micro_usd, settled_micro_usd, pending_vouchers, v.* from payment_sessions s, lateral (
        select coalesce(sum(amount_micro_usd), 0)::int8 as spent, coalesce(sum(amount_micro_usd) filter (where settled_at is not null), 0)::int8 as settled,
          count(*) filter (where settled_at is null) as pending from payment_vouchers where session_id = s.id
      ) v where (spent, settled, pending) <> (spent_micro_usd, settled_micro_usd, pending_vouchers)`.execute(system)
    expect(wrong, 'sessions that are not what their vouchers say').toEqual([])

    for (const { id, taken } of this.#holds) {
      if (taken === undefined) continue
      const hold = await system.selectFrom('ledgerHolds').where('id', '=', id).select('takenMicroUsd').executeTakeFirstOrThrow()
      expect(hold.takenMicroUsd).toBe(taken)
    }
  }

  /** Ends everything: then all money is in balances or was taken for something that was done. */
  async finish(): Promise<void> {
    await this.#spending.finish()
    await this.#tidy(this.#platform)
    await this.#refund(this.#platform)
    const { system } = this.#platform.databases
    const open = await system
      .selectFrom('paymentSessions')
      .where('accountId', 'in', this.#accounts)
      .where('status', '=', 'active')
      .select(['id', 'accountId'])
      .execute()
    for (const { id, accountId } of open) await closeSession(contextOf(this.#platform, accountId as AccountId), { sessionId: id })
    await this.check()
    const refunded = await system
      .selectFrom('chainPayments')
      .where('accountId', 'in', this.#accounts)
      .where('refundedAt', 'is not', null)
      .select('id')
      .execute()
    expect(
      refunded.map(({ id }) => id),
      'payments that are given back',
    ).toEqual(expect.arrayContaining(this.#paid))
    const left = await system
      .selectFrom('ledgerBooks')
      .where('accountId', 'in', this.#accounts)
      .where('id', 'not like', 'credits:%')
      .where('balance', '<>', 0)
      .select('id')
      .execute()
    expect(left, 'books that hold money of nothing').toEqual([])
    const vouchers = await system.selectFrom('paymentVouchers').where('accountId', 'in', this.#accounts).select(['id', 'nonce']).execute()
    const known = new Set(vouchers.flatMap(({ id, nonce }) => [id, nonce]))
    expect(
      [...this.#charged].filter((charge) => !known.has(charge)),
      'charges that were forgotten',
    ).toEqual([])
    expect(vouchers.length - this.#charged.size, 'charges nobody was told of').toBeLessThanOrEqual(this.#unsure)
  }
}

const isSpending = (act: Act | SpendingAct): act is SpendingAct =>
  act.do === 'spend' || act.do === 'settleSpent' || act.do === 'giveBackSpent' || act.do === 'kill' || act.do === 'bury'

const pick = <T>(items: T[], which: number): T | undefined => items[which % items.length]

const contextOf = (platform: Platform, id: AccountId) =>
  ({ platform, db: platform.databases.forAccount(id), actor: { kind: 'job', account: { id, ownerId: null } } }) as AccountContext

const nothingToLearn = () => undefined

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof AppError)) throw error
}

function ignoreDeath(error: unknown): void {
  if (!(error instanceof ServerDied)) throw error
}
