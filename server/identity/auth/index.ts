export * as apiKeys from './api-keys.queries.ts'
export { isAllowedAddress } from './allowed-addresses.rules.ts'
export { hashApiKey, readApiKey } from './api-keys.ts'
export { authenticate, requestIdFrom } from './authenticate.ts'
export { completeSignIn, registerSecondFactorCheck, type SecondFactorCheck } from './complete-sign-in.ts'
export { forgetKeysOf, watchCredentials } from './key-cache.ts'
export { generateApiKey, previewApiKey } from './key-format.rules.ts'
export { hashPassword, verifyPassword } from './passwords.ts'
export { withHostCookies } from './session-cookies.ts'
export { isOwnEventSource } from './request-origin.ts'
export {
  dropAllOneTimeTokens,
  dropOneTimeTokens,
  forgetExpiredTokens,
  issueOneTimeToken,
  listOneTimeTokens,
  peekOneTimeToken,
  type TakenToken,
  takeOneTimeToken,
} from './one-time-tokens.ts'
export * as ownSessions from './own-sessions.queries.ts'
export { chooseWorkspaceOfSession, endSessions, endSessionsOf, forgetExpiredSessions, stayInWorkspace } from './sessions.ts'
export { WorkspaceNotFound } from './workspace-choice.ts'
