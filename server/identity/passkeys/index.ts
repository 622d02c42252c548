export { checkAssertion, createAssertionOptions, recordAssertion } from './assertion.service.ts'
export { deletePasskeysOf } from './passkeys.queries.ts'
export { CHALLENGE_SECONDS, newChallenge } from './webauthn.ts'
