import { z } from 'zod'

export const PUZZLES = 16
export const PUZZLE_BITS = 16

export const ProofPurpose = z.enum(['register', 'forgot-password']).meta({
  id: 'ProofPurpose',
  description: 'What solved puzzles are for; they are good for nothing else.',
  'x-enumDescriptions': { register: 'It creates an account.', 'forgot-password': 'It asks for a password reset.' },
})
export type ProofPurpose = z.infer<typeof ProofPurpose>

export const AskForPuzzles = z.object({ purpose: ProofPurpose })
export type AskForPuzzles = z.infer<typeof AskForPuzzles>

export const PuzzleChallenge = z
  .object({
    challenge: z.string().describe('To be sent back with the solutions.'),
    seed: z.string().describe('What the puzzles are made of: 16 bytes, as base64url.'),
    puzzles: z.number().int().describe('How many there are.'),
    bits: z.number().int().describe('How many bits at the start of each hash have to be zero.'),
    expiresAt: z.iso.datetime().describe('When the challenge ceases to be good; ISO 8601.'),
  })
  .meta({
    id: 'PuzzleChallenge',
    description:
      'Work that shows that a call is worth something to whoever makes it. Puzzle `i`, counted from 0, is solved by a whole number `n` below 2^32 for which SHA-256 of the seed, `i` and `n` (both as 4 bytes, most significant first) starts with so many zero bits.',
  })
export type PuzzleChallenge = z.infer<typeof PuzzleChallenge>

export const Proof = z
  .object({
    challenge: z.string().max(300).describe('As it was given.'),
    solutions: z
      .array(z.number().int().min(0).max(0xffffffff))
      .length(PUZZLES, `expected ${PUZZLES} numbers`)
      .describe('The number that solves each puzzle, in their order.'),
  })
  .meta({ id: 'Proof', description: 'Solved puzzles of a challenge. They are good once.' })
export type Proof = z.infer<typeof Proof>

/** Field of the calls that ask for it. */
export const proof = Proof.optional().describe(
  'Needed where a browser makes the call, and where an address has made too many without. See `bots.challenge`.',
)
