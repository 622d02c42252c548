import { createServer, ServerResponse, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { AppError, InvalidInput } from '#server/platform/core/index.ts'
import { Slots } from '#server/platform/flow/index.ts'

/** How slow a connection may be. The figures for bodies are those of Apache's mod_reqtimeout. */
interface ConnectionLimits {
  /** Longest the headers of a request may take. */
  headersMs: number
  /** How long a body may take before it has to have arrived at the least rate. */
  bodyGraceMs: number
  /** That rate. A body may take as long as it likes above it. */
  minBodyBytesPerSecond: number
  /** Longest a client may read nothing of an answer that waits for it. */
  maxReadPauseMs: number
  /** How long, and how much of, a body nobody wants is taken in after the answer, so that the client gets to read that. */
  lingerMs: number
  maxLingerBytes: number
  /** How often all of this is looked at. */
  checkMs: number
}

const defaultLimits: ConnectionLimits = {
  headersMs: 30_000,
  bodyGraceMs: 20_000,
  minBodyBytesPerSecond: 500,
  maxReadPauseMs: 60_000,
  lingerMs: 500,
  maxLingerBytes: 4_000_000,
  checkMs: 5_000,
}

/**
 * A server that lets go of connections that only hold on to it: headers and bodies that hardly arrive,
 * answers nobody reads, bodies nobody wants. What it refuses by itself has the error body of the API.
 */
export function createHttpServer(listener: RequestListener, limits: ConnectionLimits = defaultLimits): Server {
  const exchanges = new Slots<Exchange>()
  const options = {
    headersTimeout: limits.headersMs,
    // It would end uploads after a fixed time, however well they go on.
    requestTimeout: 0,
    connectionsCheckingInterval: limits.checkMs,
    // The listener says so in the form of the API.
    requireHostHeader: false,
    ServerResponse: gentleResponse(limits),
  }
  const handle: RequestListener = (request, response) => {
    const slot = exchanges.take(new Exchange(request, response, limits))
    response.once('close', () => exchanges.free(slot))
    listener(request, response)
  }
  const server = createServer(options, handle)
  // An expectation nobody knows is passed over.
  server.on('checkExpectation', handle)
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(socket, problemOf(error)))
  const check = setInterval(() => {
    for (const exchange of exchanges) exchange.check(performance.now())
  }, limits.checkMs)
  check.unref()
  server.once('close', () => clearInterval(check))
  return server
}

/** One request and its answer, while they are on their way. */
class Exchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #socket: Socket
  readonly #limits: ConnectionLimits
  readonly #bytesBefore: number
  #bodySince = performance.now()
  #checkedAt = this.#bodySince
  #taken = -1
  #takenAt = 0

  constructor(request: IncomingMessage, response: ServerResponse, limits: ConnectionLimits) {
    this.#request = request
    this.#response = response
    this.#socket = request.socket
    this.#limits = limits
    this.#bytesBefore = this.#socket.bytesRead
  }

  check(now: number): void {
    this.#checkBody(now)
    this.#checkReader(now)
    this.#checkedAt = now
  }

  /** Time in which this server did not read what had arrived does not count. */
  #checkBody(now: number): void {
    if (this.#request.complete || this.#response.writableEnded) return
    if (this.#request.readableLength > 0) this.#bodySince += now - this.#checkedAt
    const { bodyGraceMs, minBodyBytesPerSecond } = this.#limits
    const earnedMs = ((this.#socket.bytesRead - this.#bytesBefore) / minBodyBytesPerSecond) * 1000
    if (now - this.#bodySince <= bodyGraceMs + earnedMs) return
    if (this.#response.headersSent) this.#socket.destroy()
    else refuse(this.#socket, new RequestTooSlow())
  }

  #checkReader(now: number): void {
    const taken = this.#socket.bytesWritten - this.#socket.writableLength
    if (this.#socket.writableLength === 0 || taken !== this.#taken) {
      this.#taken = taken
      this.#takenAt = now
    } else if (now - this.#takenAt > this.#limits.maxReadPauseMs) this.#socket.destroy()
  }
}

/**
 * An answer that comes before the body has arrived is the last one on its connection. Node would close
 * that at once, which makes the client's system throw away an answer that was not read yet; and it
 * would take in all of a body, however long, where the connection stays open.
 */
function gentleResponse(limits: ConnectionLimits): typeof ServerResponse {
  return class<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(...head: unknown[]): this {
      const request = this.req
      if (hasBody(request) && !request.complete) {
        this.shouldKeepAlive = false
        request.socket.destroySoon = () => linger(request, limits)
      }
      return super.writeHead(...(head as Parameters<ServerResponse['writeHead']>))
    }
  }
}

function linger(request: IncomingMessage, { lingerMs, maxLingerBytes }: ConnectionLimits): void {
  const { socket } = request
  socket.destroySoon = () => socket.destroy()
  socket.end()
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  let taken = 0
  request
    .on('data', (chunk: Buffer) => {
      taken += chunk.byteLength
      // Who sends then has to wait, and has time to see the answer.
      if (taken > maxLingerBytes) request.pause()
    })
    .once('end', () => socket.destroy())
    .resume()
}

const hasBody = ({ headers }: IncomingMessage): boolean => 'transfer-encoding' in headers || Number(headers['content-length']) > 0

class RequestTooSlow extends AppError {
  constructor() {
    super('timeout', 'REQUEST_TIMEOUT', 'The request did not arrive in time.')
  }
}

class HeadersTooLarge extends AppError {
  constructor() {
    super('headers_too_large', 'HEADERS_TOO_LARGE', 'The headers: expected at most 16 KB.')
  }
}

function problemOf({ code }: NodeJS.ErrnoException): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RequestTooSlow()
  if (code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLarge()
  return new InvalidInput([{ field: '', message: 'expected a well-formed HTTP request' }])
}

const reasons: Record<number, string> = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }

/** Answers a request that never came to be one, and closes the connection. */
function refuse(socket: Socket, error: AppError): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify(error.toBody())
  const head = [
    `HTTP/1.1 ${error.status} ${reasons[error.status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}
