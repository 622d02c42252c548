export { countIn, requireScope } from './admission.ts'
export { UnreadInput, execute, executeStream, invalidInput, isAllowed } from './execute.ts'
export { forgetExpiredIdempotencyKeys, releaseInterruptedIdempotencyKeys } from './idempotency.ts'
export { checkInput } from './input-check.ts'
export { type Mutation, type Operation, type Query, type Stream, defineMutation, defineQuery, defineStream } from './operation.ts'
export {
  type ActionBindings,
  type Download,
  type IncomingFile,
  type IncomingForm,
  type Preflight,
  type RestBinding,
  type RestEntry,
  type RestRequest,
  type StreamFormat,
  bind,
  chooseBinding,
  isByAction,
  readInput,
  readQuery,
} from './rest.ts'
