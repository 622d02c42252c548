import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { LengthLimit } from '#server/platform/flow/index.ts'
import { streamLimits } from '../catalogue/index.ts'

/**
 * The server-sent events of a body, as they arrive: those of one packet together. An event in which the body ends counts
 * too, as not everybody writes the empty line after the last one.
 *
 * @param onActivity Called for every event and every comment.
 * @throws AnswerTooLarge
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>, onActivity: () => void): AsyncGenerator<EventSourceMessage[]> {
  let events: EventSourceMessage[] = []
  const parser = createParser({
    onEvent(event) {
      onActivity()
      events.push(event)
    },
    onComment: onActivity,
  })
  const taken = () => {
    const all = events
    events = []
    return all
  }
  const decoder = new TextDecoder()
  const limit = new LengthLimit(streamLimits)
  for await (const bytes of body) {
    limit.add(bytes)
    parser.feed(decoder.decode(bytes, { stream: true }))
    if (events.length > 0) yield taken()
  }
  parser.feed(`${decoder.decode()}\n\n`)
  if (events.length > 0) yield taken()
}
