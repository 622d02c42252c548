export * as apiKeys from './api-keys.queries.ts'
export { generateApiKey, hashApiKey, previewApiKey, readApiKey } from './api-keys.ts'
export { authenticate, requestIdFrom } from './authenticate.ts'
export { completeSignIn, type Proof, registerSecondFactorCheck, type SecondFactorCheck, Suspended } from './complete-sign-in.ts'
export { forgetKeysOf, watchCredentials } from './key-cache.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
export { isOwnEventSource } from './request-origin.ts'
export {
  dropOneTimeTokens,
  forgetExpiredTokens,
  issueOneTimeToken,
  peekOneTimeToken,
  type TakenToken,
  takeOneTimeToken,
} from './one-time-tokens.ts'
export * as ownSessions from './own-sessions.queries.ts'
export { endSessions, endSessionsOf, forgetExpiredSessions } from './sessions.ts'
