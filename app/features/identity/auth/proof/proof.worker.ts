import { readSeed, solvePuzzle } from './solve-puzzle.ts'

/** Some of the puzzles of one challenge. */
export interface PuzzleTask {
  seed: string
  puzzles: number[]
  bits: number
}

addEventListener('message', ({ data: { seed, puzzles, bits } }: MessageEvent<PuzzleTask>) => {
  const words = readSeed(seed)
  postMessage(puzzles.map((puzzle) => solvePuzzle(words, puzzle, bits)))
})
