import { expect, test } from 'vitest'
import { readSeed, solvePuzzle } from '../../../app/features/identity/auth/proof/solve-puzzle.ts'
import { PUZZLE_BITS, PUZZLES } from '../../../server/identity/bots/bots.contract.ts'
import { isSolved, makeChallenge, readChallenge } from '../../../server/identity/bots/puzzles.rules.ts'

const key = 'a key to sign with'
const now = new Date()
const later = new Date(now.getTime() + 600_000)

const solve = (seed: string): number[] => Array.from({ length: PUZZLES }, (_, puzzle) => solvePuzzle(readSeed(seed), puzzle, PUZZLE_BITS))

test('what the browser finds solves the puzzles, and nothing else does', () => {
  const { seed } = makeChallenge(key, 'register', later)
  const solutions = solve(seed)
  expect(isSolved(seed, { solutions })).toBe(true)
  expect(isSolved(seed, { solutions: [...solutions.slice(1), solutions[0]!] })).toBe(false)
  expect(isSolved(seed, { solutions: solutions.slice(1) })).toBe(false)
  expect(isSolved(makeChallenge(key, 'register', later).seed, { solutions })).toBe(false)
})

test('a challenge is good for its purpose until it expires, as it was signed', () => {
  const { challenge, seed } = makeChallenge(key, 'register', later)
  expect(readChallenge(key, challenge, 'register', now)).toEqual({ seed, expiresAt: later })
  expect(readChallenge(key, challenge, 'forgot-password', now)).toBeUndefined()
  expect(readChallenge(key, challenge, 'register', later)).toBeUndefined()
  expect(readChallenge('another key', challenge, 'register', now)).toBeUndefined()
  expect(readChallenge(key, challenge.replace(String(later.getTime()), String(later.getTime() + 1)), 'register', now)).toBeUndefined()
  for (const text of ['', '.', 'v1', 'v1.register.1.seed.', challenge.slice(0, -1)])
    expect(readChallenge(key, text, 'register', now)).toBeUndefined()
})
