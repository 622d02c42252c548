import { expect, test } from 'vitest'
import { noteOfTokens } from './figures.ts'

test('tokens that nobody counted, or that are estimated, are said to be', () => {
  expect(noteOfTokens({ estimatedCalls: 0, uncountedCalls: 0 })).toBeUndefined()
  expect(noteOfTokens({ estimatedCalls: 1, uncountedCalls: 0 })).toBe('The provider did not say all tokens: those of 1 call are estimated.')
  expect(noteOfTokens({ estimatedCalls: 0, uncountedCalls: 1200 })).toBe(
    'The provider did not say all tokens: those of 1,200 calls are left out.',
  )
  expect(noteOfTokens({ estimatedCalls: 2, uncountedCalls: 1 })).toBe(
    'The provider did not say all tokens: those of 2 calls are estimated, those of 1 call are left out.',
  )
})
