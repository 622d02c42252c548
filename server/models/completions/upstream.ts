import { Agent, request, type Dispatcher } from 'undici'
import { readBytes, readStart } from '#server/platform/flow/index.ts'
import type { Env } from '#server/platform/core/index.ts'
import { MAX_ANSWER_BYTES, openAiBaseUrl, type ProviderName, type Route } from '../catalogue/index.ts'

/** A provider refused a call. `message` is what it said, for the caller's eyes only as far as `readFailure` lets it through. */
export class UpstreamRefused extends Error {
  readonly statusCode: number
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

const MAX_ERROR_BYTES = 16_000

// Time-outs are the callers': an answer may take as long as the operator allows.
const dispatcher = new Agent({ keepAliveTimeout: 60_000, connections: 512, headersTimeout: 0, bodyTimeout: 0, connectTimeout: 10_000 })

/** Whether the provider at the end of a route speaks the OpenAI protocol. */
export const speaksOpenAi = (route: Route): route is Route & { provider: Exclude<ProviderName, 'anthropic' | 'local'> } =>
  route.provider !== 'anthropic' && route.provider !== 'local'

/**
 * Posts JSON to a provider that speaks the OpenAI protocol. Aborting the signal closes the connection.
 *
 * @throws UpstreamRefused for a status of 400 or more; what the network throws.
 */
export async function postJson(env: Env, route: Route, path: string, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  return post(env, route, path, { 'content-type': 'application/json' }, JSON.stringify(body), signal)
}

/** Posts a body of any kind to a provider that speaks the OpenAI protocol. */
export async function post(
  env: Env,
  route: Route,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  if (!speaksOpenAi(route)) throw new Error(`${route.provider} does not speak the OpenAI protocol`)
  const response = await request(`${openAiBaseUrl(env, route.provider)}/${path}`, {
    method: 'POST',
    dispatcher,
    signal,
    headers: route.apiKey ? { ...headers, authorization: `Bearer ${route.apiKey}` } : headers,
    body,
  })
  if (response.statusCode >= 400)
    throw new UpstreamRefused(response.statusCode, readErrorMessage(await readStart(response.body, MAX_ERROR_BYTES)))
  // Redirects would hand the key to somebody else.
  if (response.statusCode >= 300) throw new UpstreamRefused(response.statusCode, 'it redirected the call')
  return response
}

/** The whole answer, parsed. @throws SyntaxError, AnswerTooLarge */
export const readJson = async ({ body }: Dispatcher.ResponseData, maxBytes = MAX_ANSWER_BYTES): Promise<unknown> =>
  JSON.parse((await readBytes(body, maxBytes)).toString('utf8'))

/** `error.message` of the usual error body, else nothing. */
function readErrorMessage(text: string): string {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown } | string; message?: unknown } | { error?: { message?: unknown } }[]
    const { error } = (Array.isArray(body) ? body[0] : body) ?? {}
    const message = typeof error === 'string' ? error : error?.message
    return typeof message === 'string' ? message : ''
  } catch {
    return ''
  }
}
