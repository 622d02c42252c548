import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip, createZstdDecompress } from 'node:zlib'
import { Agent, request } from 'undici'
import { readBytes, readStart } from '#server/platform/flow/index.ts'
import type { Env } from '#server/platform/core/index.ts'
import { MAX_ANSWER_BYTES, openAiBaseUrl, type ProviderName, type Route } from '../catalogue/index.ts'
import { refusalOf, unlessRefused, UpstreamRefused } from './refusal.ts'

const MAX_ERROR_BYTES = 16_000

// Time-outs are the callers': an answer may take as long as the operator allows.
const dispatcher = new Agent({ keepAliveTimeout: 60_000, connections: 512, headersTimeout: 0, bodyTimeout: 0, connectTimeout: 10_000 })

/** Whether the provider at the end of a route speaks the OpenAI protocol. */
export const speaksOpenAi = (route: Route): route is Route & { provider: Exclude<ProviderName, 'anthropic' | 'local'> } =>
  route.provider !== 'anthropic' && route.provider !== 'local'

/** An answer that is no refusal, unpacked. */
export interface UpstreamAnswer {
  /** Media type without parameters, in lower case; empty when it does not say. */
  type: string
  body: Readable
  /** What the provider calls the call, where it can be asked about it later. */
  generationId?: string
}

/** What is posted. Aborting the signal closes the connection. */
export interface UpstreamRequest {
  headers: Record<string, string>
  body: string | Buffer
  signal: AbortSignal
}

/**
 * Posts to a provider.
 *
 * @throws UpstreamRefused for a status of 300 or more; what the network throws.
 */
export async function post(url: string, { headers, body, signal }: UpstreamRequest): Promise<UpstreamAnswer> {
  const response = await request(url, { method: 'POST', dispatcher, signal, headers, body })
  const unpacked = unpack(response.body, String(response.headers['content-encoding'] ?? ''))
  if (response.statusCode >= 400)
    throw new UpstreamRefused(refusalOf(response.statusCode, response.headers, await readStart(unpacked, MAX_ERROR_BYTES)))
  // Redirects would hand the key to somebody else.
  if (response.statusCode >= 300) throw new UpstreamRefused({ status: response.statusCode, message: 'it redirected the call' })
  const type = String(response.headers['content-type'] ?? '')
  const generationId = response.headers['x-generation-id']
  return {
    type: type.split(';')[0]!.trim().toLowerCase(),
    body: unpacked,
    ...(typeof generationId === 'string' && generationId !== '' ? { generationId } : {}),
  }
}

/** Posts a body of any kind to a provider that speaks the OpenAI protocol. */
export function postOpenAi(env: Env, route: Route, path: string, { headers, ...rest }: UpstreamRequest): Promise<UpstreamAnswer> {
  if (!speaksOpenAi(route)) throw new Error(`${route.provider} does not speak the OpenAI protocol`)
  const authorization: Record<string, string> = route.apiKey ? { authorization: `Bearer ${route.apiKey}` } : {}
  return post(`${openAiBaseUrl(env, route.provider)}/${path}`, { headers: { ...headers, ...authorization }, ...rest })
}

/** Posts JSON to a provider that speaks the OpenAI protocol. */
export const postJson = (env: Env, route: Route, path: string, body: unknown, signal: AbortSignal): Promise<UpstreamAnswer> =>
  postOpenAi(env, route, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal })

/** The whole answer, parsed. @throws SyntaxError, AnswerTooLarge */
export const readJson = async ({ body }: { body: AsyncIterable<Buffer> }, maxBytes = MAX_ANSWER_BYTES): Promise<unknown> =>
  JSON.parse((await readBytes(body, maxBytes)).toString('utf8'))

/** The whole answer, parsed, of what is no chat: an error that came with status 200 is thrown. @throws SyntaxError, AnswerTooLarge, UpstreamRefused */
export const readAnswer = async (answer: UpstreamAnswer, maxBytes?: number): Promise<unknown> =>
  unlessRefused(await readJson(answer, maxBytes))

/** Nobody asked for a packed answer, but some proxies pack all the same. What comes out is as long as it comes; readers have limits. */
function unpack(body: Readable, encoding: string): Readable {
  const unpackers = {
    gzip: createUnzip,
    'x-gzip': createUnzip,
    deflate: createUnzip,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  }
  const create = unpackers[encoding.trim().toLowerCase() as keyof typeof unpackers]
  if (!create) return body
  // What breaks breaks both, and is thrown to whoever reads.
  return pipeline(body, create(), () => undefined)
}
