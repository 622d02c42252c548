import {
  type Amounts,
  budgetGateOf,
  budgetsOf,
  type Budget,
  type BudgetWindow,
  limitsCost,
  NOTHING,
  type Reservation,
  type Spender,
} from '#server/money/budgets/index.ts'
import { hasAccount, type AccountContext, type Context } from '#server/platform/core/index.ts'
import { flushUsage, PriceUnknown } from '../metering/index.ts'
import type { Candidate } from './candidates.service.ts'
import { isPriced, pricesOf } from './prices.ts'
import type { Account, Prices } from './cost.rules.ts'
import { affordableOutput, type InputEstimate, isWithin, type Tariff, worstCase } from './worst-case.rules.ts'

/** What a call is about to do. */
export interface Work {
  input: InputEstimate
  /** Most tokens of the answer, all its choices together; undefined when the caller did not say. */
  output: number | undefined
  /** An answer shorter than that is none. */
  leastOutput: number
}

/** For an answer of which nobody says how long it may be. */
const USUAL_OUTPUT = 16_384
/** An answer that goes on for longer than was set aside for it is let go on in pieces of this many tokens. */
const MORE_OUTPUT = 256

/**
 * What one call takes of its budgets, from before the first model is tried to its end. What it may take at most is set aside before;
 * an attempt that fails without an answer costs nothing, and the next one uses what is set aside. A call without a budget has none.
 */
export class Charge {
  readonly #ctx: AccountContext
  readonly #budgets: readonly Budget[]
  readonly #work: Work
  #reservation: Reservation | undefined
  #taken: Amounts = NOTHING
  #tariff: Tariff | undefined
  #input = 0
  #output = 0

  /**
   * Begins to count a call against its budgets.
   *
   * @returns undefined for a call that nothing limits: it is not signed in, or paid by itself, or there are no budgets.
   * @throws PriceUnknown when a budget in dollars is to allow a model that has no price, and no other can do the work.
   */
  static async open(ctx: Context, work: Work, spender?: Spender): Promise<Charge | undefined> {
    if (!hasAccount(ctx) || ctx.prepaidFor !== undefined) return undefined
    const budgets = await budgetsOf(ctx, spender)
    return budgets.length === 0 ? undefined : new Charge(ctx, budgets, work)
  }

  private constructor(ctx: AccountContext, budgets: readonly Budget[], work: Work) {
    this.#ctx = ctx
    this.#budgets = budgets
    this.#work = work
  }

  /**
   * Sets aside what a call of this model may take, unless that is done already.
   *
   * @throws DailyUnitsUsed, QuotaExceeded, SpendLimitReached or BudgetReached when a budget does not allow it; PriceUnknown.
   */
  async prepare({ id, route }: Candidate): Promise<void> {
    const { env } = this.#ctx.platform
    if (limitsCost(this.#budgets) && !isPriced(env, route)) throw new PriceUnknown(id)
    const tariff = { prices: pricesOf(env, route), isOwnKey: route.isOwnKey }
    const { input, output = USUAL_OUTPUT, leastOutput } = this.#work
    const least = worstCase(tariff, input.likely, Math.min(leastOutput, output))
    const most = worstCase(tariff, input.most, output)
    if (!this.#reservation || !(isWithin(most, this.#reservation.granted) || this.#reservation.resize(most))) {
      if (!this.#reservation || !isWithin(least, this.#reservation.granted)) await this.#reserve(least, most)
    }
    const { granted } = this.#reservation!
    const isWhole = isWithin(most, granted)
    this.#tariff = tariff
    this.#input = isWhole ? input.most : input.likely
    this.#output = isWhole ? output : affordableOutput(tariff, this.#input, granted, output)
  }

  async #reserve(least: Amounts, most: Amounts): Promise<void> {
    const { platform } = this.#ctx
    const gate = budgetGateOf(platform)
    this.#reservation?.settle(NOTHING)
    // What was used before is part of what a budget begins with.
    if (!gate.isAtHand(this.#budgets)) await flushUsage(platform)
    this.#reservation = await gate.reserve(this.#budgets, { least, most })
  }

  /** The prices at which the call was set aside, and is billed, whatever becomes of the lists meanwhile. */
  get prices(): Prices | undefined {
    return this.#tariff?.prices
  }

  /** The windows of budgets in which it counts. */
  get windows(): BudgetWindow[] {
    return this.#reservation?.windows ?? []
  }

  /** Most tokens the answer may have, where that is less than the caller allows; undefined for no such limit. */
  get limit(): number | undefined {
    const { output } = this.#work
    return this.#output < (output ?? USUAL_OUTPUT) ? this.#output : undefined
  }

  /** Whether the answer may have so many tokens. It goes on beyond what was set aside for it while there is more at hand. */
  allows(outputTokens: number): boolean {
    if (outputTokens <= this.#output) return true
    const more = outputTokens + MORE_OUTPUT
    if (!this.#reservation?.resize(worstCase(this.#tariff!, this.#input, more))) return false
    this.#output = more
    return true
  }

  /** Counts what an attempt took. One that was answered, or taken in, is a call, however many of them there were. */
  add({ outcome, inputTokens, outputTokens, costNanoUsd }: Taken, isOwnKey: boolean): void {
    const isCall = !isOwnKey && (outcome === 'ok' || inputTokens !== null)
    const tokens = (inputTokens ?? 0) + (outputTokens ?? 0)
    this.#taken = {
      nanoUsd: this.#taken.nanoUsd + (costNanoUsd ?? 0),
      tokens: this.#taken.tokens + tokens,
      planTokens: this.#taken.planTokens + (isOwnKey ? 0 : tokens),
      calls: isCall ? 1 : this.#taken.calls,
    }
  }

  /** The call has ended: what it did not take goes back. */
  close(): void {
    this.#reservation?.settle(this.#taken)
  }
}

/** What was stored of an attempt; null where nobody knows. */
type Taken = { outcome: 'ok' | 'failed' | 'aborted' } & {
  [K in keyof Pick<Account, 'inputTokens' | 'outputTokens' | 'costNanoUsd'>]: number | null
}
