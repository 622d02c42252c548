import { sql } from 'kysely'
import { expect } from 'vitest'
import { reserveWithinLimit } from '../../server/models/metering/index.ts'
import { budgetGateOf, forfeitInterruptedLeases } from '../../server/money/budgets/index.ts'
import type { AccountContext, AccountId, Platform } from '../../server/platform/core/context.ts'
import { AppError } from '../../server/platform/core/errors.ts'
import { newId } from '../../server/platform/core/ids.ts'
import { insertBudget } from './budget-servers.ts'
import { ServerDied } from './failing-server.ts'

/** What is done with credits of which a budget has to have as much left; `which` picks from what there is. */
export type SpendingAct =
  { do: 'spend'; which: number; microUsd: number } | { do: 'settleSpent' | 'giveBackSpent' | 'kill'; which: number } | { do: 'bury' }

const SERVERS = 2
const CAP_MICRO_USD = 9_000_000
const NANO_USD_PER_MICRO_USD = 1000
const REASON = 'within a budget'

/** A server of which only what spends is there. Once it has died nothing it does happens any more. */
interface MortalServer {
  platform: Platform
  /** It dies after so many statements were answered. */
  dieAfter(statements: number): void
  /** It does not die after all. */
  spare(): void
  isDead(): boolean
}

/** Two servers on which accounts spend within budgets, and what has to be true of that. */
export class BudgetedSpending {
  readonly #platform: Platform
  readonly #accounts: readonly AccountId[]
  readonly #servers: MortalServer[]
  readonly #open: { held: Awaited<ReturnType<typeof reserveWithinLimit>>; server: MortalServer }[] = []
  /** Nothing that was set aside was lost with a server. */
  #isExact = true

  private constructor(platform: Platform, accounts: readonly AccountId[]) {
    this.#platform = platform
    this.#accounts = accounts
    this.#servers = Array.from({ length: SERVERS }, () => startMortal(platform))
  }

  static async open(platform: Platform, accounts: readonly AccountId[]): Promise<BudgetedSpending> {
    for (const accountId of accounts)
      await insertBudget(platform.databases, accountId, { unit: 'nano_usd', cap: CAP_MICRO_USD * NANO_USD_PER_MICRO_USD })
    const spending = new BudgetedSpending(platform, accounts)
    for (const server of spending.#servers) await sayAlive(server)
    return spending
  }

  /** Does it; a refusal is an answer too, and so is the death of the server. */
  async take(act: SpendingAct, dies: number | undefined): Promise<void> {
    try {
      await this.#do(act, dies)
    } catch (error) {
      if (!(error instanceof AppError || error instanceof ServerDied)) throw error
    }
    await this.#replaceDead()
  }

  async #do(act: SpendingAct, dies: number | undefined): Promise<void> {
    switch (act.do) {
      case 'spend': {
        const server = this.#servers[act.which % SERVERS]!
        if (dies !== undefined) server.dieAfter(dies)
        const accountId = this.#accounts[(act.which >> 1) % this.#accounts.length]!
        const held = await reserveWithinLimit(contextOf(server.platform, accountId), act.microUsd, REASON)
        return void this.#open.push({ held, server })
      }
      case 'settleSpent':
      case 'giveBackSpent': {
        const [spent] = this.#open.splice(act.which % Math.max(1, this.#open.length), 1)
        if (!spent) return
        if (dies !== undefined) spent.server.dieAfter(dies)
        return act.do === 'settleSpent' ? spent.held.settle() : spent.held.release()
      }
      case 'kill':
        return this.#servers[act.which % SERVERS]!.dieAfter(0)
      case 'bury':
        return this.#bury()
    }
  }

  /** All others are taken for dead, whether they are or not. */
  async #bury(): Promise<void> {
    this.#isExact = false
    await forfeitInterruptedLeases(this.#platform)
  }

  async #replaceDead(): Promise<void> {
    for (const [index, server] of this.#servers.entries()) {
      if (!server.isDead()) continue
      this.#isExact = false
      // It stops looking after what it held.
      void budgetGateOf(server.platform).close()
      const successor = startMortal(this.#platform)
      this.#servers[index] = successor
      await sayAlive(successor)
    }
  }

  /** No more was taken than the budgets know of, and no budget is passed. */
  async check(): Promise<void> {
    for (const { cap, spent, held, over, taken } of await this.#figures()) {
      expect(over).toBe(0)
      expect(spent + held, 'spent and held of a budget').toBeLessThanOrEqual(cap)
      expect(taken, 'what was taken within a budget').toBeLessThanOrEqual(spent + held)
    }
  }

  /** Ends everything: what is spent is what was taken, unless a server died with what it held. */
  async finish(): Promise<void> {
    for (const server of this.#servers) server.spare()
    // One may have died at what it does by itself, after its last act had ended.
    await this.#replaceDead()
    for (const { held, server } of this.#open) if (!server.isDead()) await held.release().catch(ignoreRefusal)
    for (const { platform } of this.#servers) await budgetGateOf(platform).close()
    await forfeitInterruptedLeases(this.#platform)
    await this.check()
    for (const { spent, held, taken } of await this.#figures()) {
      expect(held).toBe(0)
      if (this.#isExact) expect(spent).toBe(taken)
    }
  }

  async #figures() {
    const { rows } = await sql<Record<'cap' | 'spent' | 'held' | 'over' | 'taken', number>>`
      select cap, spent, held, over, ${NANO_USD_PER_MICRO_USD}::int8 * (
        select coalesce(sum(taken_micro_usd), 0)::int8 from ledger_holds
        where ledger_holds.account_id = budget_periods.account_id and reason = ${REASON}) as taken
      from budget_periods where account_id in (${sql.join(this.#accounts)})`.execute(this.#platform.databases.system)
    return rows
  }
}

function startMortal(platform: Platform): MortalServer {
  let left = Infinity
  let isDead = false
  const system = platform.databases.system.withPlugin({
    transformQuery({ node }) {
      if (isDead) throw new ServerDied()
      return node
    },
    async transformResult({ result }) {
      isDead ||= left-- <= 0
      if (isDead) throw new ServerDied()
      return result
    },
  })
  return {
    platform: { ...platform, serverId: newId('server'), databases: { ...platform.databases, system }, beforeClose: () => undefined },
    dieAfter(statements) {
      left = Math.min(left, statements)
      isDead ||= statements === 0
    },
    spare: () => void (left = Infinity),
    isDead: () => isDead,
  }
}

/** No other takes what it holds any more: what it leaves behind when it dies is buried by an act. */
async function sayAlive({ platform: { serverId, databases } }: MortalServer): Promise<void> {
  const lease = { id: serverId, leaseExpiresAt: 'infinity', aliveSince: '-infinity' }
  await databases.system.insertInto('servers').values(lease).execute()
}

const contextOf = (platform: Platform, id: AccountId) =>
  ({ platform, db: platform.databases.forAccount(id), actor: { kind: 'job', account: { id, ownerId: null } } }) as AccountContext

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof AppError)) throw error
}
