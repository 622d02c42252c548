import { operations } from '#server/operations.ts'
import type { Operation } from '#server/platform/operations/index.ts'

const streams = Object.values(operations)
  .flatMap((table): Operation[] => Object.values(table))
  .filter((operation) => operation.kind === 'stream')
const names = new Set(streams.map(({ name }) => name))

/** Streams that end by themselves: they do something, once, and must not be asked for again by a client that reconnects. */
const finite = new Set(streams.filter(({ isEndless }) => !isEndless).map(({ name }) => name))

export const isStream = (path: string): boolean => names.has(path)

export const isFiniteStream = (path: string | undefined): boolean => path !== undefined && finite.has(path)

/** How soon a client connects again; browsers would take several seconds. */
const RECONNECT_MS = 1000

/**
 * Puts in front of server-sent events what the client needs when its connection breaks: when to come back and, for a
 * stream with an end, an id, so that it is known not to be new though no event had come.
 */
export function withLead(answer: Response, path: string, requestId: string): Response {
  const lead = isFiniteStream(path) ? `retry: ${RECONNECT_MS}\nid: ${requestId}/0\n\n` : `retry: ${RECONNECT_MS}\n\n`
  const leading = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(lead)),
  })
  return new Response(answer.body!.pipeThrough(leading), answer)
}
