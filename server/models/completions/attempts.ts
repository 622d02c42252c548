import type { Context } from '#server/platform/core/index.ts'
import { Attempt, type Task } from './attempt.ts'
import type { Candidate } from './candidates.service.ts'
import type { Charge } from './charge.ts'
import { addCostHeaders } from './cost-headers.ts'
import type { Account } from './cost.rules.ts'
import { firstThatSucceeds } from './first-that-succeeds.ts'
import { ModelFailed, ModelNotFound } from '../catalogue/index.ts'

/**
 * Tries one candidate after the other, in the time a model may be silent: each but the last has half of what is left to
 * begin its answer. What succeeds may then be silent for the whole of it between two pieces.
 *
 * @param charge Is prepared for each, and closed when all have failed; who succeeds closes it at the end of the answer.
 */
export async function withFallback<T>(
  ctx: Context,
  candidates: Candidate[],
  task: Task,
  charge: Charge | undefined,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const began = performance.now()
  const silenceMs = ctx.platform.env.MODEL_TIMEOUT_SECONDS * 1000
  const attemptOne = async (candidate: Candidate, { isLast }: { isLast: boolean }): Promise<T> => {
    // Signs of life make a call longer than that; who comes after is tried all the same.
    await charge?.prepare(candidate)
    const left = Math.max(began + silenceMs - performance.now(), silenceMs / 4)
    const attempt = new Attempt(ctx, candidate, task, isLast ? left : left / 2, began, charge)
    try {
      const result = await work(attempt)
      attempt.allowSilence(silenceMs)
      return result
    } catch (error) {
      throw attempt.fail(error)
    }
  }
  return firstThatSucceeds(candidates, attemptOne, {
    mayPass: (failure) => failure instanceof ModelFailed,
    onPass: (failure, { id, route }) =>
      ctx.log.warn({ err: failure, model: id, provider: route.provider }, 'a model failed; trying the next one'),
  }).catch((failure: unknown) => {
    charge?.close()
    throw finalError(failure)
  })
}

/** What the caller gets when no other model is left to try. */
function finalError(failure: unknown): unknown {
  if (!(failure instanceof ModelFailed) || failure.details.upstreamStatus !== 404) return failure
  return new ModelNotFound(String(failure.details.model), failure)
}

/** Who answered, what the answer cost, where it is known already, and the milliseconds this server added until now. */
export function addHeaders(ctx: Context, attempt: Attempt, account?: Account): void {
  ctx.reply.headers['X-Agentbot-Provider'] = attempt.candidate.route.provider
  addCostHeaders(ctx, account?.costNanoUsd ?? null, attempt.upstreamMs)
}
