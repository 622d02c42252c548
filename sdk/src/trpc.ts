export { postingEventSource } from './event-source.ts'
export type * from './generated/router.ts'
