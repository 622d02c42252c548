import { isObject, parseJson, textOrNone, wholeNumber, type JsonObject } from './json.ts'

/** What a provider said when it refused a call. */
export interface Refusal {
  /** Its HTTP status, or the one its error stands for. */
  status: number
  /** In its own words; empty when it said none. */
  message: string
  /** Its own word for the error, such as `context_length_exceeded`. */
  code?: string
  type?: string
  /** The field of the request it means. */
  param?: string
  /** After how many seconds it may be asked again. */
  retryAfterSeconds?: number
}

/** A provider refused a call, at once or in the middle of its answer. `message` is what it said, as it said it. */
export class UpstreamRefused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** The refusal of an answer with a status of 400 or more. A body that is not JSON has no words worth showing. */
export function refusalOf(status: number, headers: Record<string, string | string[] | undefined>, body: string): Refusal {
  const parsed = parseJson(body)
  const seconds = retryAfter(headers)
  return {
    ...wordsOf(Array.isArray(parsed) ? parsed[0] : parsed),
    status,
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  }
}

/** The refusal in an answer that looked like one with a status of its own, or in a stream; undefined when there is none. */
export function refusalIn(answer: JsonObject): Refusal | undefined {
  const { error } = answer
  const isError = (isObject(error) ? Object.keys(error).length > 0 : Boolean(error)) || answer.object === 'error' || answer.type === 'error'
  if (!isError) return undefined
  const words = wordsOf(answer)
  const { code: number, status: said, status_code: also } = isObject(error) ? error : answer
  const code = wholeNumber(number) ?? wholeNumber(said) ?? wholeNumber(also)
  const status =
    code !== null && code >= 400 && code < 600 ? code : (statusOfWord[words.type ?? ''] ?? statusOfWord[words.code ?? ''] ?? 500)
  return { ...words, status }
}

/** A parsed answer, unless it is an error that came as one. @throws UpstreamRefused */
export function unlessRefused(answer: unknown): unknown {
  const refusal = isObject(answer) ? refusalIn(answer) : undefined
  if (refusal) throw new UpstreamRefused(refusal)
  return answer
}

/** What the words of OpenAI and Anthropic mean, for errors that come without a status. */
const statusOfWord: Record<string, number> = {
  invalid_request_error: 400,
  context_length_exceeded: 400,
  authentication_error: 401,
  billing_error: 402,
  insufficient_quota: 429,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** `error.message` of the usual body; some say `error: "…"`, vLLM puts everything on top, and FastAPI and Cloudflare have lists. */
function wordsOf(body: unknown): Omit<Refusal, 'status'> {
  if (!isObject(body)) return { message: '' }
  const error = isObject(body.error) ? body.error : body
  const message = [body.error, error.message, body.message, body.detail, body.errors].map(problemIn).find((text) => text !== '') ?? ''
  const [code, type, param] = [textOrNone(error.code), textOrNone(error.type), textOrNone(error.param)]
  return {
    message,
    // Some say the status a second time here, as text.
    ...(code && !/^\d+$/.test(code) ? { code } : {}),
    ...(type && type !== 'error' ? { type } : {}),
    ...(param ? { param } : {}),
  }
}

/** A text, or those of a list of problems; empty for anything else. */
const problemIn = (said: unknown): string =>
  Array.isArray(said) ? said.map(oneProblem).filter(Boolean).join('; ') : (textOrNone(said) ?? '')

const oneProblem = (said: unknown): string | undefined => textOrNone(isObject(said) ? (said.message ?? said.msg) : said)

/** Seconds of a `Retry-After` header, which has seconds or a date. */
function retryAfter({ 'retry-after': header }: Record<string, string | string[] | undefined>): number | undefined {
  const value = Array.isArray(header) ? header[0] : header
  if (value === undefined) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined
}
