import type { Proof, PuzzleChallenge } from '../../../../../server/identity/bots/bots.contract.ts'
import type { PuzzleTask } from './proof.worker.ts'

/** More would keep a phone from doing anything else. */
const MAX_WORKERS = 4

/** Solves the puzzles beside the page, on some of the processors there are. */
export async function solveChallenge({ challenge, seed, puzzles, bits }: PuzzleChallenge): Promise<Proof> {
  const workers = Math.max(1, Math.min(MAX_WORKERS, navigator.hardwareConcurrency))
  const all = Array.from({ length: puzzles }, (_, puzzle) => puzzle)
  const solutions: number[] = []
  const shares = Array.from({ length: workers }, (_, worker) => all.filter((puzzle) => puzzle % workers === worker))
  await Promise.all(
    shares.map(async (share) => {
      const solved = await solveShare({ seed, puzzles: share, bits })
      share.forEach((puzzle, at) => (solutions[puzzle] = solved[at]!))
    }),
  )
  return { challenge, solutions }
}

function solveShare(task: PuzzleTask): Promise<number[]> {
  const worker = new Worker(new URL('./proof.worker.ts', import.meta.url), { type: 'module' })
  const { promise, resolve, reject } = Promise.withResolvers<number[]>()
  worker.addEventListener('message', ({ data }: MessageEvent<number[]>) => resolve(data))
  worker.addEventListener('error', () => reject(new Error('The check that you are not a machine could not be done in this browser.')))
  worker.postMessage(task)
  return promise.finally(() => worker.terminate())
}
