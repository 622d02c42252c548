import type { Operation } from '../../server/platform/operations/operation.ts'
import type { Caller, TestServer } from '../helpers/test-server.ts'
import type { Outcome } from './transports.ts'
import { readAnswer } from './read-answer.ts'

interface TrpcError {
  message: string
  data: { httpStatus: number; appCode: string; details: Record<string, unknown>; requestId: string }
}

/** Calls an operation over tRPC, without the client: the answer is looked at as it was sent. */
export async function callTrpc(
  server: TestServer,
  operation: Operation,
  input: Record<string, unknown>,
  { key, cookie, headers }: Caller & { headers?: Record<string, string> },
): Promise<Outcome> {
  const sent = {
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    ...(cookie ? { cookie } : {}),
    'content-type': 'application/json',
    ...(operation.kind === 'stream' ? { 'trpc-accept': 'application/jsonl' } : {}),
    ...headers,
  }
  const url = `${server.url}/trpc/${operation.name}`
  const post = (body: unknown, suffix = '') => fetch(url + suffix, { method: 'POST', headers: sent, body: JSON.stringify(body) })
  const response =
    operation.kind === 'query'
      ? await fetch(`${url}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers: sent })
      : operation.kind === 'mutation'
        ? await post(input)
        : await post({ 0: input }, '?batch=1')
  const text = await readAnswer(response, operation)
  const error =
    operation.kind === 'stream'
      ? findError(
          text
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line)),
        )
      : JSON.parse(text).error
  if (!error) return { status: response.status, text, headers: response.headers }
  const { httpStatus, appCode, details } = error.data
  return { status: httpStatus, code: appCode, message: error.message, details, text, headers: response.headers }
}

/** The first error anywhere inside; a stream sends its parts wrapped several times. */
function findError(value: unknown): TrpcError | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  // An answer may have a message and data too; only an error says which status it stands for.
  const { data } = value as Partial<TrpcError>
  if (typeof data === 'object' && data !== null && 'httpStatus' in data) return value as TrpcError
  for (const inner of Object.values(value)) {
    const found = findError(inner)
    if (found) return found
  }
  return undefined
}
