import { type Actor, type Platform, Unauthenticated } from '../core/index.ts'

/** What the caller came with does not count any more: they are suspended or removed, or their session or key was ended. */
export class AccessEnded extends Unauthenticated {
  constructor() {
    super('Your access has ended. Sign in again.', 'ACCESS_ENDED')
  }
}

/** A stream that somebody reads. */
export interface OpenStream {
  readonly actor: Actor
  /** Aborted when it has to end. */
  readonly signal: AbortSignal
  end(): void
}

const streams = new WeakMap<Platform, Set<OpenStream>>()

const setOf = (platform: Platform): Set<OpenStream> => {
  let open = streams.get(platform)
  if (!open) streams.set(platform, (open = new Set()))
  return open
}

/**
 * The streams of a server that are open. Who reads one was let in when it began, which may be long ago: whoever learns
 * that somebody is not to be let in any more ends theirs.
 */
export const openStreamsOf = (platform: Platform): Iterable<OpenStream> => setOf(platform)

/** Notes that a stream is open. @returns it, and what to call when it is over. */
export function enterStream(platform: Platform, actor: Actor): { stream: OpenStream; leave(): void } {
  const ending = new AbortController()
  const stream: OpenStream = { actor, signal: ending.signal, end: () => ending.abort(new AccessEnded()) }
  const open = setOf(platform)
  open.add(stream)
  return { stream, leave: () => void open.delete(stream) }
}
