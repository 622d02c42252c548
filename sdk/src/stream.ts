import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { ConnectionError, errorFrom } from './errors.ts'
import type { OpenAnswer } from './http.ts'

/**
 * The events of a `text/event-stream` answer, each as its data with the event's name as `type`. Ends
 * after an event `done`. Whoever stops reading ends the connection, and with it the work on the server.
 *
 * @throws AgentbotError for an event `error`, and when the connection breaks or stays silent for too long.
 */
export async function* readEvents<T extends { type: string }>({ response, requestId, deadline }: OpenAnswer): AsyncGenerator<T, void> {
  const received: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => void received.push(event) })
  const decoder = new TextDecoder()
  try {
    const reader = response.body?.getReader()
    for (;;) {
      deadline.restart()
      const chunk = await reader?.read()
      // The time the reader of the events takes is not the server's.
      deadline.pause()
      if (!chunk || chunk.done) throw new ConnectionError('The stream broke off before its end.', { code: 'STREAM_BROKEN', requestId })
      parser.feed(decoder.decode(chunk.value, { stream: true }))
      for (const event of received.splice(0)) {
        yield toEvent<T>(event, requestId)
        if (event.event === 'done') return
      }
    }
  } catch (error) {
    throw deadline.explain(error)
  } finally {
    deadline.end()
  }
}

function toEvent<T>({ event, data }: EventSourceMessage, requestId: string | undefined): T {
  const fields = JSON.parse(data) as Record<string, unknown>
  if (event !== 'error') return { type: event, ...fields } as T
  const { status, requestId: ownId, ...body } = fields
  throw errorFrom(Number(status ?? 500), body, typeof ownId === 'string' ? ownId : requestId)
}
