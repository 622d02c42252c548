import type { Operation } from '../../server/platform/operations/operation.ts'

/** The body of an answer. Of a stream without an end only what comes until it says that it is ready, in whole lines. */
export async function readAnswer(response: Response, operation: Operation): Promise<string> {
  if (!('isEndless' in operation && operation.isEndless) || !response.body) return response.text()
  let text = ''
  const chunks = response.body.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  ) as unknown as AsyncIterable<string>
  for await (const chunk of chunks) {
    text += chunk
    if (/ready.*\n/i.test(text)) break
  }
  return text.slice(0, text.lastIndexOf('\n') + 1) || text
}
