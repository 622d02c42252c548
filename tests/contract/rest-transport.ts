import { loadRestBindings } from '../../scripts/routes.ts'
import type { Operation } from '../../server/platform/operations/operation.ts'
import { writeRequest } from '../../server/platform/operations/rest-request.ts'
import { isByAction, type RestBinding } from '../../server/platform/operations/rest.ts'
import type { Caller, TestServer } from '../helpers/test-server.ts'
import type { Outcome } from './transports.ts'
import { readAnswer } from './read-answer.ts'

/** A REST call that runs an operation. */
export interface RestCall {
  method: string
  path: string
  binding: RestBinding
  /** Where several operations share a path: what the field `action` says. */
  action?: string
  isStream: boolean
}

/** Every REST call there is. */
export async function allRestCalls(): Promise<RestCall[]> {
  const routes = await loadRestBindings()
  return routes.flatMap(({ path, bindings }) =>
    Object.entries(bindings).flatMap(([method, entry]): RestCall[] => {
      const plain = isByAction(entry) ? Object.entries(entry.actions) : [[undefined, entry] as const]
      return plain.flatMap(([action, binding]) => [
        { method, path, binding, isStream: false, ...(action ? { action } : {}) },
        ...(binding.stream ? [{ method, path, binding, isStream: true }] : []),
      ])
    }),
  )
}

/** The REST calls of an operation, found by its name. */
export const restCallsOf = async ({ name }: Operation): Promise<RestCall[]> =>
  (await allRestCalls()).filter(({ binding, isStream }) => (isStream ? binding.stream! : binding.operation).name === name)

/** Makes a REST call with an operation's input: what the path names goes there, the rest into query or body. */
export async function callRest(
  server: TestServer,
  { method, path, binding, action, isStream }: RestCall,
  input: Record<string, unknown>,
  { headers, ...caller }: Caller & { headers?: Record<string, string> },
): Promise<Outcome> {
  const wanted = isStream && binding.isStreamWanted ? { ...input, stream: true } : input
  const { params, query, body, headers: written } = writeRequest(method, path, binding, wanted, action)
  const names = Object.values(params)
  const filled = path.replace(/:\w+|\*$/g, () => encodeURIComponent(names.shift()!))
  const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query as Record<string, string>)}` : ''
  const response = await fetch(server.url + filled + search, {
    method,
    redirect: 'manual',
    headers: {
      ...(caller.key ? { authorization: `Bearer ${caller.key}` } : {}),
      ...(caller.cookie ? { cookie: caller.cookie } : {}),
      ...(isStream ? { accept: 'text/event-stream' } : {}),
      'content-type': 'application/json',
      ...written,
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await readAnswer(response, isStream ? binding.stream! : binding.operation)
  // A link sends whoever follows it on.
  if (response.ok || response.status === 303) return { status: 200, text, headers: response.headers }
  const { code, error, ...details } = plainError(JSON.parse(text) as ErrorBody, binding)
  return { status: response.status, code: code!, message: error, details, text, headers: response.headers }
}

/** The usual error body, that of the OpenAI API, or that of the gateway, where `error` is a word and `message` the sentence. */
type ErrorBody = { code?: string; error: string | { message: string; code?: string }; message?: string }

function plainError({ error, ...body }: ErrorBody, { id }: RestBinding): { code?: string; error: string } {
  if (typeof error === 'object') return { ...error, error: error.message }
  if (id !== 'routeGatewayRequest') return { ...body, error }
  const { message = '', ...details } = body
  return { ...details, error: message }
}
