import { Deadline } from './deadline.ts'
import { errorFrom, ServerError, type AgentbotError } from './errors.ts'
import { newKey } from './idempotency-key.ts'
import { readRetryAfter, retryDelayMs, type RetryPolicy } from './retry.ts'

/** Settings of one call. */
export interface CallOptions {
  /** Ends the call, its waiting included; the call then throws the reason of the signal. */
  signal?: AbortSignal
  /** Longest time for one try, in milliseconds. For a stream: the longest silence. */
  timeoutMs?: number
  /** Tries after the first one. */
  maxRetries?: number
  /** `Idempotency-Key` of a POST; a new one when left out. The same key and input get the same answer for 24 hours. */
  idempotencyKey?: string
}

/** One call of the REST API, before it is sent. */
export interface Call extends CallOptions {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Begins with `/`; its parts are already encoded. */
  path: string
  query?: Record<string, string | number | undefined>
  body?: unknown
  accept?: string
  retryPolicy?: RetryPolicy
}

/** How calls reach the server; the last four are replaced by tests. */
export interface ConnectionSettings {
  /** Without a slash at its end. */
  baseUrl: string
  /** The credential. */
  headers: Record<string, string>
  timeoutMs: number
  maxRetries: number
  fetch: typeof fetch
  sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  random: () => number
  now: () => number
}

/** A successful answer whose body is still to be read, and the deadline it runs under. Whoever reads it ends the deadline. */
export interface OpenAnswer {
  response: Response
  requestId: string | undefined
  deadline: Deadline
}

/** Sends calls, and sends them again where that can help. */
export class Connection {
  readonly #settings: ConnectionSettings

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** The JSON of an answer. @throws AgentbotError, or the reason of the caller's signal. */
  async request<T>(call: Call): Promise<T> {
    return this.#retry(call, async (prepared) => {
      const answer = await this.#open(prepared)
      try {
        return readJson<T>(await answer.response.text(), answer)
      } catch (error) {
        throw answer.deadline.explain(error)
      } finally {
        answer.deadline.end()
      }
    })
  }

  /** An answer to read bit by bit. @throws AgentbotError, or the reason of the caller's signal. */
  async open(call: Call): Promise<OpenAnswer> {
    return this.#retry(call, (prepared) => this.#open(prepared))
  }

  async #retry<T>(call: Call, attempt: (prepared: Call) => Promise<T>): Promise<T> {
    const { sleep, random, maxRetries } = this.#settings
    const prepared = call.method === 'POST' ? { ...call, idempotencyKey: call.idempotencyKey ?? newKey() } : call
    const mostTries = 1 + (call.maxRetries ?? maxRetries)
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(prepared)
      } catch (error) {
        const delayMs = tries < mostTries ? retryDelayMs(error, tries, call.retryPolicy ?? 'full', random()) : undefined
        if (delayMs === undefined) throw error
        await sleep(delayMs, call.signal)
      }
    }
  }

  /** One try, up to the headers of a successful answer. */
  async #open(call: Call): Promise<OpenAnswer> {
    const deadline = new Deadline(call.timeoutMs ?? this.#settings.timeoutMs, call.signal)
    try {
      const { fetch } = this.#settings
      const response = await fetch(this.#urlOf(call), { ...this.#initOf(call), signal: deadline.signal })
      const requestId = response.headers.get('x-request-id') ?? undefined
      if (!response.ok) throw await this.#failureOf(response, requestId)
      return { response, requestId, deadline }
    } catch (error) {
      const explained = deadline.explain(error)
      deadline.end()
      throw explained
    }
  }

  #urlOf({ path, query = {} }: Call): string {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
    return `${this.#settings.baseUrl}${path}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`
  }

  #initOf({ method, body, accept = 'application/json', idempotencyKey }: Call): RequestInit {
    const headers: Record<string, string> = { ...this.#settings.headers, accept }
    if (idempotencyKey) headers['idempotency-key'] = idempotencyKey
    if (body === undefined) return { method, headers }
    return { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
  }

  async #failureOf(response: Response, requestId: string | undefined): Promise<AgentbotError> {
    const body = parseJson(await response.text())
    return errorFrom(response.status, body, requestId, readRetryAfter(response.headers.get('retry-after'), this.#settings.now()))
  }
}

/** An id as a part of a path. @throws TypeError for what would make it another path. */
export function segment(id: string): string {
  if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError(`Expected an id, got ${JSON.stringify(id)}.`)
  return encodeURIComponent(id)
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function readJson<T>(text: string, { response, requestId }: OpenAnswer): T {
  const body = parseJson(text)
  if (body !== undefined) return body as T
  const message = 'The answer is not JSON. Does baseUrl name an Agentbot server?'
  throw new ServerError(message, { status: response.status, code: 'UNEXPECTED_ANSWER', requestId })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
