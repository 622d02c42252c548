import { type Context, type Platform, RateLimitExceeded } from '#server/platform/core/index.ts'
import { type AskForPuzzles, type Proof, type ProofPurpose, PUZZLE_BITS, type PuzzleChallenge, PUZZLES } from './bots.contract.ts'
import { BotDetected } from './bots.errors.ts'
import { isSolved, makeChallenge, readChallenge } from './puzzles.rules.ts'
import * as queries from './bots.queries.ts'

const GOOD_FOR_MS = 10 * 60_000

const signingKeyOf = ({ secrets }: Platform): string => secrets.signingKey('puzzles')

/** Puzzles for one call; nothing of them is stored. */
export async function getChallenge({ platform }: Context, { purpose }: AskForPuzzles): Promise<PuzzleChallenge> {
  const expiresAt = new Date(Date.now() + GOOD_FOR_MS)
  const { challenge, seed } = makeChallenge(signingKeyOf(platform), purpose, expiresAt)
  return { challenge, seed, puzzles: PUZZLES, bits: PUZZLE_BITS, expiresAt: expiresAt.toISOString() }
}

/**
 * Lets a call in that solved its puzzles, and uses them up. A program may do without them, but not often: it has the API, and
 * what it does in bulk is limited by its address.
 *
 * @throws BotDetected when a browser calls without; when the solutions are wrong, late or used; when the address has made too
 * many calls without in a day.
 */
export async function screenForBots(ctx: Context, purpose: ProofPurpose, proof: Proof | undefined): Promise<void> {
  if (proof) return takeProof(ctx, purpose, proof)
  if (ctx.isFromBrowser)
    throw new BotDetected('proof', 'a browser has to solve puzzles first, which pages of this server do by themselves. See bots.challenge.')
  try {
    await ctx.platform.rateLimits.count('unproven', { callerId: null, ip: ctx.ip })
  } catch (error) {
    if (!(error instanceof RateLimitExceeded)) throw error
    throw new BotDetected('proof', 'too many such calls came from your address today. With solved puzzles it works: see bots.challenge.')
  }
}

async function takeProof({ platform }: Context, purpose: ProofPurpose, proof: Proof): Promise<void> {
  const challenge = readChallenge(signingKeyOf(platform), proof.challenge, purpose, new Date())
  if (!challenge) throw new BotDetected('proof', 'that challenge is not good here, or not any more. Ask for another one.')
  if (!isSolved(challenge.seed, proof)) throw new BotDetected('proof', 'those numbers do not solve the puzzles.')
  const isFirst = await queries.insertSolvedPuzzle(platform.databases.system, challenge.seed, challenge.expiresAt.toISOString())
  if (!isFirst) throw new BotDetected('proof', 'these solutions were used before. Ask for another challenge.')
}

export const forgetExpiredPuzzles = queries.deleteExpiredPuzzles
