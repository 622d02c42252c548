export { countCall, countIn, requireFresh, requireScope } from './admission.ts'
export { exampleIds } from './example-ids.ts'
export { UnreadInput, execute, executeList, executeStream, executeTracked, isAllowed } from './execute.ts'
export { forgetExpiredIdempotencyKeys, onceForKey, releaseInterruptedIdempotencyKeys, sealedAnswers } from './idempotency.ts'
export { inOrderOfWeight, prefers, weightOf } from './accept.ts'
export { checkInput, parseInput } from './input-check.ts'
export {
  type Mutation,
  type Operation,
  type PagedQuery,
  type Query,
  type Stream,
  defineList,
  defineMutation,
  defineQuery,
  defineStream,
} from './operation.ts'
export {
  DEFAULT_PAGE,
  type Entry,
  MAX_PAGE,
  type OpenList,
  type Page,
  type PageRequest,
  type Place,
  type PlaceById,
  type PlaceByTime,
  type Slice,
  definePages,
  once,
  placeById,
  placeByIds,
  placeByTime,
  readPageRequest,
  writeCursor,
} from './pages.ts'
export { type OpenStream, openStreamsOf } from './open-streams.ts'
export { PlacedEvent } from './placed-event.ts'
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
  fieldNameIn,
  formOperation,
  isByAction,
  readInput,
} from './rest.ts'
export { type StreamConnection, type TrackedEvent, readEventId } from './stream-connection.ts'
