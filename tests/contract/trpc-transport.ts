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
    ...(operation.kind === 'stream' ? { accept: 'text/event-stream' } : {}),
    ...headers,
  }
  const url = `${server.url}/trpc/${operation.name}`
  const response =
    operation.kind === 'query'
      ? await fetch(`${url}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers: sent })
      : await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(input) })
  const text = await readAnswer(response, operation)
  const error = response.headers.get('content-type') === 'text/event-stream' ? errorAmong(text) : JSON.parse(text).error
  if (!error) return { status: response.status, text, headers: response.headers }
  const { httpStatus, appCode, details } = error.data
  return { status: httpStatus, code: appCode, message: error.message, details, text, headers: response.headers }
}

/** The error in a stream of events. */
function errorAmong(text: string): TrpcError | undefined {
  const [, data] = /^event: serialized-error\ndata: (.*)$/m.exec(text) ?? []
  return data === undefined ? undefined : JSON.parse(data)
}
