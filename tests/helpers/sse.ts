import { EventSourceParserStream } from 'eventsource-parser/stream'

/** One server-sent event, its data parsed. */
export interface SentEvent {
  event: string
  // What is in it is what each test asserts.
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any
}

/** The events of an answer, as they arrive. */
export async function* eventsOf(response: Response): AsyncGenerator<SentEvent> {
  const events = response.body!.pipeThrough(new TextDecoderStream() as never).pipeThrough(new EventSourceParserStream())
  for await (const { event, data } of events as unknown as AsyncIterable<{ event: string; data: string }>)
    yield { event, data: JSON.parse(data) }
}
