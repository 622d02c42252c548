export {
  type AuditActor,
  type AuditChanges,
  type AuditEvent,
  type AuditNotes,
  type AuditOutcome,
  type AuditTarget,
  type AuditValue,
  SERVER_CHAIN,
} from './audit-event.ts'
export { noteAudit } from './audit-notes.ts'
export { olderThanDays, removeInBatches } from './batches.ts'
export {
  type AccountActor,
  type AccountContext,
  type AccountId,
  type Actor,
  type ActorAccount,
  type ActorSession,
  type ActorUser,
  type Attempt,
  type Context,
  type Platform,
  type Reply,
  type SessionActor,
  type SessionContext,
  type SignInMethod,
  type UserId,
  FRESH_SECONDS,
  accountOf,
  callerIdOf,
  hasAccount,
  hasScope,
  isOperator,
  userOf,
} from './context.ts'
export { isUniqueViolation } from './database-errors.ts'
export { type Env, InvalidConfiguration, envVariables, readEnv, secretsOf } from './env.ts'
export {
  AppError,
  ClientClosed,
  DiskFull,
  type ErrorKind,
  type FieldProblem,
  Forbidden,
  InternalError,
  InvalidInput,
  MAX_PROBLEMS,
  ServerStopping,
  Unauthenticated,
  errorKinds,
  toAppError,
} from './errors.ts'
export { newId, newIdAfter, randomBase62, toBase62, randomSuffix } from './ids.ts'
export { type ListLimits, listLimitsOf } from './list-limits.ts'
export { type Logger, createLogger, describeFailure, withholdFromLog } from './log.ts'
export { type Bucket, RateLimitExceeded, type RateLimitState, createRateLimits } from './rate-limits.ts'
export { redactSecrets } from './redaction.ts'
export { type Secrets, createSecrets, isBox, sha256 } from './secrets.ts'
export {
  type QueueLength,
  countModelCall,
  countRequest,
  countTurn,
  measureQueues,
  renderTelemetry,
  telemetryContentType,
} from './telemetry.ts'
export { cutText, isStorableText, toStorableText } from './text-check.ts'
export { inTransaction } from './transaction.ts'
