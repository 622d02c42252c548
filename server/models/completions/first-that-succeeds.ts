/** What may take over when a candidate fails. */
interface Fallback<C> {
  /** Whether the next candidate is tried after this failure of the one with that number, counted from 0. */
  mayPass(error: unknown, index: number): boolean
  /** Called before the next one is tried. */
  onPass(error: unknown, candidate: C): void
}

/**
 * Does some work with the first candidate that can: one after the other is tried until one succeeds, or fails in a way
 * that ends it. An answer that comes bit by bit counts as a success with its first piece.
 *
 * @throws the failure that ended it, or that of the last candidate.
 */
export async function firstThatSucceeds<C, T>(
  candidates: readonly C[],
  work: (candidate: C, position: { index: number; isLast: boolean }) => Promise<T>,
  { mayPass, onPass }: Fallback<C>,
): Promise<T> {
  for (const [index, candidate] of candidates.entries()) {
    const isLast = index === candidates.length - 1
    try {
      return await work(candidate, { index, isLast })
    } catch (error) {
      if (isLast || !mayPass(error, index)) throw error
      onPass(error, candidate)
    }
  }
  throw new Error('there were no candidates')
}
