import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { PUZZLE_BITS, PUZZLES, type Proof, type ProofPurpose } from './bots.contract.ts'

const SEED_BYTES = 16
const VERSION = 'v1'

/** Nothing of a challenge is stored: it says itself what it is for and until when, and is signed. */
export function makeChallenge(signingKey: string, purpose: ProofPurpose, expiresAt: Date): { challenge: string; seed: string } {
  const seed = randomBytes(SEED_BYTES).toString('base64url')
  const body = [VERSION, purpose, expiresAt.getTime(), seed].join('.')
  return { challenge: `${body}.${sign(signingKey, body)}`, seed }
}

interface Challenge {
  seed: string
  expiresAt: Date
}

/** Reads a challenge of ours for this purpose that has not expired; undefined for any other. */
export function readChallenge(signingKey: string, challenge: string, purpose: ProofPurpose, now: Date): Challenge | undefined {
  const end = challenge.lastIndexOf('.')
  const body = challenge.slice(0, Math.max(0, end))
  if (!isSame(challenge.slice(end + 1), sign(signingKey, body))) return undefined
  const [version, isFor, expiry, seed] = body.split('.')
  const expiresAt = new Date(Number(expiry))
  return version === VERSION && isFor === purpose && expiresAt > now ? { seed: seed!, expiresAt } : undefined
}

/** Whether every puzzle is solved. */
export function isSolved(seed: string, { solutions }: Pick<Proof, 'solutions'>): boolean {
  const block = Buffer.alloc(SEED_BYTES + 8)
  Buffer.from(seed, 'base64url').copy(block)
  return (
    solutions.length === PUZZLES &&
    solutions.every((solution, puzzle) => {
      block.writeUInt32BE(puzzle, SEED_BYTES)
      block.writeUInt32BE(solution, SEED_BYTES + 4)
      return createHash('sha256').update(block).digest().readUInt32BE() >>> (32 - PUZZLE_BITS) === 0
    })
  )
}

const sign = (key: string, body: string): string => createHmac('sha256', key).update(body).digest('base64url')

const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
