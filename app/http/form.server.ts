import { once } from 'node:events'
import type { ReadableStream } from 'node:stream/web'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'
import { InvalidInput } from '#server/platform/core/index.ts'
import type { IncomingFile, IncomingForm } from '#server/platform/operations/index.ts'

const limits = { fieldNameSize: 100, fieldSize: 1000, fields: 20, parts: 25, headerPairs: 50, headerSize: 8192 }

export const isForm = ({ headers }: Request): boolean => /^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')

/** The form of a request, which is read while it arrives. */
export function incomingForm(request: Request): IncomingForm {
  return {
    async read(field, keep) {
      const reading = new FormReading(request, field, keep)
      return reading.read()
    },
  }
}

/** One form on its way. Whatever fails first ends it; the file that was arriving is then told so. */
class FormReading {
  readonly #request: Request
  readonly #failed = new AbortController()
  readonly #texts = new Map<string, string>()
  readonly #parser: BusboyInstance
  #arriving: { end(error: unknown): void; kept: Promise<void> } | undefined

  constructor(request: Request, field: string, keep: (file: IncomingFile) => Promise<void>) {
    this.#request = request
    this.#parser = parserOf(request)
    this.#parser.on('error', (error) => this.#failed.abort(malformed(error)))
    this.#parser.on('field', (name, value) => {
      if (hasReplaced(name + value)) this.#failed.abort(notText(name))
      this.#texts.set(name, value)
    })
    this.#parser.on('file', (name, bytes, filename, _encoding, type) => {
      // Whoever reads it is told of it as well.
      bytes.on('error', () => undefined)
      if (hasReplaced(name + filename)) this.#failed.abort(notText(name))
      if (name !== field || this.#arriving || this.#failed.signal.aborted) return void bytes.resume()
      const kept = keep({ name: filename ?? '', type, bytes })
      kept.catch((error: unknown) => this.#failed.abort(error))
      this.#arriving = { end: (error) => bytes.destroy(error as Error), kept }
    })
  }

  async read(): Promise<Record<string, string>> {
    const { signal } = this.#failed
    try {
      await this.#parse(signal)
      await this.#arriving?.kept
      return Object.fromEntries(this.#texts)
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : malformed(error)
      this.#arriving?.end(reason)
      await this.#arriving?.kept.catch(() => undefined)
      throw reason
    }
  }

  /** What is not read is not thrown away either: that would end the connection, and the answer with it. */
  async #parse(signal: AbortSignal): Promise<void> {
    const body = this.#request.body as ReadableStream<Uint8Array> | null
    for await (const chunk of body?.values({ preventCancel: true }) ?? []) {
      signal.throwIfAborted()
      if (!this.#parser.write(chunk)) await once(this.#parser, 'drain', { signal })
    }
    const finished = once(this.#parser, 'finish', { signal })
    this.#parser.end()
    await finished
  }
}

function parserOf({ headers }: Request): BusboyInstance {
  try {
    return new Busboy({ headers: Object.fromEntries(headers) as BusboyHeaders, limits, preservePath: true })
  } catch (error) {
    throw malformed(error)
  }
}

/** Whether the parser met bytes that are no UTF-8: it puts this character in their place. */
const hasReplaced = (text: string): boolean => text.includes('\ufffd')

const notText = (field: string): InvalidInput => new InvalidInput([{ field, message: 'expected valid UTF-8' }])

const malformed = (error: unknown): InvalidInput =>
  error instanceof InvalidInput ? error : new InvalidInput([{ field: '', message: 'The body: expected a whole multipart form' }])
