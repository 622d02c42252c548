import { setImmediate as nextTurn } from 'node:timers/promises'
import { readSeed, solvePuzzle } from '../../app/features/identity/auth/proof/solve-puzzle.ts'
import type { Proof, ProofPurpose, PuzzleChallenge } from '../../server/identity/bots/bots.contract.ts'
import type { TestServer } from './test-server.ts'

/** Solved puzzles, as the pages make them. */
export async function solveChallenge(server: TestServer, purpose: ProofPurpose): Promise<Proof> {
  const { challenge, seed, puzzles, bits } = (await server.call('GET', `/api/auth/puzzles?purpose=${purpose}`)).body as PuzzleChallenge
  const words = readSeed(seed)
  const solutions: number[] = []
  for (let puzzle = 0; puzzle < puzzles; puzzle++) {
    solutions.push(solvePuzzle(words, puzzle, bits))
    // The server, in this same process, must not seem dead.
    await nextTurn()
  }
  return { challenge, solutions }
}
