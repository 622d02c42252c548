import type { Env } from '#server/platform/core/index.ts'
import { problemOf } from './model-lists.ts'
import { findRoutes, type Credentials } from './providers.ts'

/** What a provider may say to being asked for its list while it answers all the same: not every server has one. Nothing is known of one that was not asked. */
const STILL_ANSWERS = /^it answered (400|404|405|429|501)$|^its answer|^it was not asked yet$/

/**
 * Why none of these models can answer now, as a sentence; undefined when one can, as far as that is known without having it
 * answer: its provider was asked for its list lately, or is asked now.
 *
 * @param maxAgeMs How old what a provider said may be; with `Infinity` nobody is asked.
 */
export async function findModelProblem(
  env: Env,
  modelIds: readonly string[],
  credentials: Credentials,
  maxAgeMs: number,
): Promise<string | undefined> {
  const problems: string[] = []
  for (const id of modelIds) {
    // Calls go the first way there is.
    const [route] = findRoutes(env, id, credentials)
    if (route?.provider === 'local') return undefined
    const problem = route ? await problemOf(env, route.provider, route.apiKey, maxAgeMs) : 'no provider that is set up has it'
    if (problem === undefined || STILL_ANSWERS.test(problem)) return undefined
    problems.push(
      route ? `${id} cannot answer: its provider ${route.provider} was asked, and ${problem}` : `${id} cannot answer: ${problem}`,
    )
  }
  return problems.length > 0 ? `${problems.join('; ')}.` : undefined
}
