import { defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './bots.contract.ts'
import * as service from './bots.service.ts'

export const bots = {
  challenge: defineQuery({
    name: 'bots.challenge',
    summary: 'Get puzzles to solve',
    description:
      'Who creates an account or asks for a password reset in a browser sends solved puzzles along, which takes about a second. Other programs need them only after many such calls in a day.',
    access: 'public',
    bucket: 'general',
    input: contract.AskForPuzzles,
    output: contract.PuzzleChallenge,
    example: {
      input: { purpose: 'register' },
      output: {
        challenge: 'v1.register.1790000000000.Zm9ydHktdHdvIHNoaXBzLg.o5h0Zk2mXl3F7r1nQ9yVtB8cWdJ4sUaE6gPiKxHbMfA',
        seed: 'Zm9ydHktdHdvIHNoaXBzLg',
        puzzles: 16,
        bits: 16,
        expiresAt: '2026-09-21T14:13:20.000Z',
      },
    },
    run: service.getChallenge,
  }),
}
