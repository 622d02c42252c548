import { describeError } from '../../../trpc/errors.ts'

/**
 * The page that asks for a second factor, when that is what a sign-in was refused for.
 *
 * @param next Path to go on to.
 * @returns null for any other failure.
 */
export function secondStepOf(error: unknown, next: string): string | null {
  const { code, ticket } = describeError(error)
  // Behind the `#` the ticket is in no log.
  return code === 'TWO_FACTOR_REQUIRED' && ticket ? `/login/code?next=${encodeURIComponent(next)}#${ticket}` : null
}
