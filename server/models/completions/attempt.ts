import { type Context, type Env, AppError, secretsOf, withholdFromLog } from '#server/platform/core/index.ts'
import type { Candidate } from './candidates.service.ts'
import { settleAccount, type Account, type Prices } from './cost.rules.ts'
import { MAX_ANSWER_MS, startDeadline, type Deadline } from './deadline.ts'
import { readFailure } from './failures.ts'
import { askedLater, beginUsage, nameUsage, recordUsage, type BegunCall } from '../metering/index.ts'
import { ModelFailed, type ModelFailure, ModelRefusedRequest, isRequestAtFault, type Route } from '../catalogue/index.ts'
import { canBeAsked, type TokenCount } from '../wires/index.ts'
import type { Charge } from './charge.ts'
import { pricesOf } from './prices.ts'

const NOTHING: TokenCount = { inputTokens: null, outputTokens: null }

/** What is asked of a model. */
export interface Task {
  kind: 'chat' | 'embedding' | 'speech' | 'transcription'
  /**
   * Characters of what is asked, to estimate tokens from when the provider does not count. Sound has none: it is priced
   * by the second or the letter, which no list of prices says, so that its calls are counted and their cost is unknown.
   */
  askedLength?(): number
}

/** One call of one model: its time limit, what it took, and what went wrong. */
export class Attempt {
  readonly candidate: Candidate
  readonly deadline: Deadline
  readonly #ctx: Context
  readonly #task: Task
  readonly #startedAt = performance.now()
  readonly #callBegan: number
  #silenceMs: number
  #firstTokenMs: number | null = null
  #isRecorded = false
  /** What it takes of budgets; undefined where nothing limits it. */
  readonly charge: Charge | undefined
  readonly #begun: BegunCall
  readonly #usageId: string
  /** As they are when it begins: what it took is billed at them. */
  readonly #prices: Prices | undefined
  #generationId: string | undefined

  /**
   * @param silenceMs Longest the provider may be silent.
   * @param callBegan When the first model was tried, by `performance.now()`.
   */
  constructor(ctx: Context, candidate: Candidate, task: Task, silenceMs: number, callBegan: number, charge?: Charge) {
    this.#ctx = ctx
    this.candidate = candidate
    this.#task = task
    this.#callBegan = callBegan
    this.charge = charge
    this.deadline = startDeadline(ctx.signal, silenceMs)
    this.#silenceMs = silenceMs
    this.#prices = charge ? charge.prices : pricesOf(ctx.platform.env, candidate.route)
    const { inputTokens, costNanoUsd } = this.#account({ inputTokens: null, outputTokens: 0 }, 0)
    const known = task.askedLength ? { inputTokens, costNanoUsd } : { inputTokens: null, costNanoUsd: null }
    const { id, route } = candidate
    this.#begun = { kind: task.kind, provider: route.provider, model: id, isOwnKey: route.isOwnKey, ...known }
    this.#usageId = beginUsage(ctx, this.#begun)
  }

  /** The provider has said what it calls the call: should it not say what it took, it can be asked. */
  named(generationId: string): void {
    if (this.#isRecorded || !canBeAsked(this.candidate.route.provider)) return
    this.#generationId = generationId
    nameUsage(this.#ctx, this.#usageId, this.#begun, generationId)
  }

  /** Since providers are waited for, those that failed included. */
  get upstreamMs(): number {
    return performance.now() - this.#callBegan
  }

  /** The first piece of the answer is here. */
  markFirst(): void {
    this.#firstTokenMs ??= Math.round(performance.now() - this.#startedAt)
  }

  /** Writes down what the call took, once. `answered`: characters that were produced. */
  record(outcome: 'ok' | 'failed' | 'aborted', count: TokenCount, answered: number): Account {
    const { route, id } = this.candidate
    const account = this.#account(count, answered)
    if (this.#isRecorded) return account
    this.#isRecorded = true
    // A call that produced nothing has nothing to count, and of sound only what the provider counts is known.
    const isEmpty = outcome !== 'ok' && answered === 0 && count.inputTokens === null
    const isPlain = isEmpty || !this.#task.askedLength
    const taken = {
      inputTokens: isPlain ? count.inputTokens : account.inputTokens,
      outputTokens: isPlain ? count.outputTokens : account.outputTokens,
      costNanoUsd: isPlain ? null : account.costNanoUsd,
    }
    this.charge?.add({ outcome, ...taken }, route.isOwnKey)
    recordUsage(
      this.#ctx,
      {
        kind: this.#task.kind,
        provider: route.provider,
        model: id,
        outcome,
        ...taken,
        isOwnKey: route.isOwnKey,
        isEstimated: !isPlain && account.isEstimated,
        latencyMs: Math.round(performance.now() - this.#startedAt),
        firstTokenMs: this.#firstTokenMs,
        ...askedLater(this.#generationId, count.inputTokens !== null && count.outputTokens !== null, this.charge),
      },
      this.#usageId,
    )
    return account
  }

  #account(count: TokenCount, answered: number): Account {
    const asked = count.inputTokens === null ? (this.#task.askedLength?.() ?? 0) : 0
    return settleAccount(count, { asked, answered }, this.#prices)
  }

  /** The call came to nothing: writes that down and ends it. @returns the failure as the caller sees it. */
  fail(error: unknown): unknown {
    const failure = this.explain(error)
    this.record(this.#ctx.signal.aborted ? 'aborted' : 'failed', NOTHING, 0)
    this.deadline.cancel()
    return failure
  }

  /** The failure as the caller sees it. */
  explain(error: unknown): unknown {
    if (this.#ctx.signal.aborted) return this.#ctx.signal.reason
    if (error instanceof AppError) return error
    const { id, route } = this.candidate
    const failure = failureOf(error, { env: this.#ctx.platform.env, route, deadline: this.deadline, silenceMs: this.#silenceMs })
    return isRequestAtFault(failure) ? new ModelRefusedRequest(id, failure) : new ModelFailed(id, failure, '')
  }

  /** The provider answers: from now on it may be silent for so long between two pieces. */
  allowSilence(ms: number): void {
    this.#silenceMs = ms
    this.deadline.setSilence(ms)
  }
}

/** What a call came to that failed: what the provider said or did, or that the time was up. */
export function failureOf(
  error: unknown,
  { env, route, deadline, silenceMs }: { env: Env; route: Route; deadline: Pick<Deadline, 'expired'>; silenceMs: number },
): ModelFailure {
  withholdFromLog(error, route.apiKey)
  const silence = `${Math.round(silenceMs / 10) / 100} s`
  if (deadline.expired === 'reader')
    return { code: 'MODEL_TIMEOUT', problem: `was given up, as its answer was not read for ${silence}`, cause: error }
  if (deadline.expired === 'silence') return { code: 'MODEL_TIMEOUT', problem: `was silent for ${silence}`, cause: error }
  if (deadline.expired === 'whole')
    return { code: 'MODEL_TIMEOUT', problem: `did not finish within ${MAX_ANSWER_MS / 60_000} minutes`, cause: error }
  return readFailure(error, [...secretsOf(env), ...(route.apiKey ? [route.apiKey] : [])])
}
