import { LengthLimit } from '#server/platform/flow/index.ts'
import { MAX_ANSWER_BYTES } from '../catalogue/index.ts'
import type { UpstreamAnswer } from './upstream.ts'

/** The body of an answer, and whether it is a stream of events or one piece of JSON. */
export interface AnswerBody {
  isStream: boolean
  body: AsyncIterable<Buffer>
}

/** As many letters tell a field of an event from other words. */
const TELLING_BYTES = 6

/**
 * What an answer is, by how it begins: a stream that was asked for may come in one piece, the other way round, and either
 * under the name of the other. JSON begins with a bracket, which no event does.
 *
 * @param onActivity Called for every part of what is no stream, blanks in front of it included, which some send while a
 * model works. Of a stream its reader knows what is a sign of life.
 * @throws AnswerTooLarge
 */
export async function readKind({ type, body }: UpstreamAnswer, onActivity: () => void): Promise<AnswerBody> {
  const pieces: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
  const limit = new LengthLimit({ maxBytes: MAX_ANSWER_BYTES })
  let start = Buffer.alloc(0)
  let isWhole = false
  while (!isWhole && !isTelling(start)) {
    const { done, value } = await pieces.next()
    if (done) isWhole = true
    else {
      limit.add(value)
      start = withoutBlanks(Buffer.concat([start, value]))
      if (start.length === 0) onActivity()
    }
  }
  const isStream = !beginsWith(start, /^[{[]/) && (type === 'text/event-stream' || beginsWith(start, /^(?::|data|event|id|retry)/))
  return { isStream, body: inOrder(start, pieces, isStream ? () => undefined : onActivity) }
}

const beginsWith = (bytes: Buffer, form: RegExp): boolean => form.test(bytes.toString('latin1', 0, TELLING_BYTES))

const isTelling = (start: Buffer): boolean => start.length >= TELLING_BYTES || beginsWith(start, /^[{[:]/)

/** Without white space and the mark of UTF-8 in front. */
function withoutBlanks(bytes: Buffer): Buffer<ArrayBuffer> {
  const blanks = /^(?:\xef\xbb\xbf|[ \t\r\n])*/.exec(bytes.toString('latin1'))![0]
  return Buffer.from(bytes.subarray(blanks.length))
}

async function* inOrder(start: Buffer, rest: AsyncIterator<Buffer>, onPiece: () => void): AsyncGenerator<Buffer> {
  try {
    if (start.length > 0) yield start
    for (let piece = await rest.next(); !piece.done; piece = await rest.next()) {
      onPiece()
      yield piece.value
    }
  } finally {
    // Who stops reading closes the connection.
    await rest.return?.()
  }
}
