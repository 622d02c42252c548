export { checkAssertion, createAssertionOptions, recordAssertion } from './assertion.service.ts'
export { CHALLENGE_SECONDS, newChallenge } from './webauthn.ts'
export { warnOfStrandedPasskeys } from './stranded.ts'
