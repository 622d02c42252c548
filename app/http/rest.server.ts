import { type Context, AppError, InvalidInput, toAppError } from '#server/platform/core/index.ts'
import {
  execute,
  executeStream,
  isAllowed,
  chooseBinding,
  fieldNameIn,
  formOperation,
  isByAction,
  prefers,
  readInput,
  type Preflight,
  type RestBinding,
  type RestEntry,
  type RestRequest,
} from '#server/platform/operations/index.ts'
import { callContext, isSafe, writeReply, writeRetryAfter } from './call-context.server.ts'
import { sendFile } from './download.server.ts'
import { incomingForm, isForm } from './form.server.ts'
import { jsonResponse } from './json-response.ts'
import { parseJson } from './request-body.ts'
import type { RequestContext } from './request-context.ts'
import { eventStream } from './sse.server.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a resource route is called with, by Remix or by the server entry. */
interface RouteArgs {
  request: Request
  params: Record<string, string | undefined>
  context: RequestContext
}

/** A resource route's loader and action in one, which also says what it binds. */
export type RestHandler = ((args: RouteArgs) => Promise<Response>) & {
  bindings: Partial<Record<Method, RestEntry>>
  /** Given where the path answers preflights itself. */
  preflight: Preflight | undefined
  /** Methods that read forms, which have limits of their own. */
  formMethods: ReadonlySet<string>
}

/**
 * Makes a resource route of a REST path: request in, operation, documented JSON out. A method that is
 * not bound gets 405 with the ones that are.
 */
export function rest({ OPTIONS: preflight, ...bindings }: Partial<Record<Method, RestEntry>> & { OPTIONS?: Preflight }): RestHandler {
  const allow = [...Object.keys(bindings), ...('GET' in bindings ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  const handle = async ({ request, params, context }: RouteArgs): Promise<Response> => {
    const method = (request.method === 'HEAD' ? 'GET' : request.method) as Method
    if (request.method === 'OPTIONS') {
      const headers = preflight?.headers(context.platform, (name) => request.headers.get(name))
      return new Response(null, { status: 204, headers: { allow, ...headers } })
    }
    const entry = bindings[method]
    if (!entry) return errorResponse(new MethodNotAllowed(request.method, allow), undefined, context, { allow })
    return answer(entry, request, params, context)
  }
  const withForms = Object.entries(bindings).filter(([, entry]) => !isByAction(entry) && entry.form !== undefined)
  return Object.assign(handle, { bindings, preflight, formMethods: new Set(withForms.map(([method]) => method)) })
}

export class MethodNotAllowed extends AppError {
  constructor(method: string, allow: string) {
    super('method_not_allowed', 'METHOD_NOT_ALLOWED', `${method} is not possible here; use one of ${allow}.`)
  }
}

async function answer(entry: RestEntry, request: Request, params: RouteArgs['params'], context: RequestContext): Promise<Response> {
  let ctx: Context | undefined
  let binding = isByAction(entry) ? undefined : entry
  let parts: RestRequest | undefined
  context.bucket = firstOperation(entry).bucket
  try {
    ctx = await callContext(request, context, binding?.operation)
    if (!isSafe(request.method) && !mayCall(entry, ctx)) await execute(firstOperation(entry), ctx, emptyBody)
    const form = binding?.form && isForm(request) ? incomingForm(request) : undefined
    parts = await takeApart(request, params, form !== undefined)
    binding = chooseBinding(entry, parts)
    const file = await binding.download?.(ctx, parts)
    if (file) {
      const headers = new Headers()
      writeReply(headers, ctx)
      return await sendFile(request, file, headers)
    }
    const input = form ?? readInput(binding, parts)
    if (binding.stream && wantsStream(binding, parts)) {
      const events = await executeStream(binding.stream, ctx, input)
      return await eventStream(events, ctx, (headers) => writeReply(headers, ctx!), binding.streamFormat)
    }
    const call = binding.isHarmlessByGet ? { ...ctx, isSafeMethod: false } : ctx
    const output = await execute(form ? formOperation(binding) : binding.operation, call, input)
    if (binding.redirect) return redirectTo(binding.redirect.to(output), ctx)
    const headers = new Headers({ ...binding.headers, ...binding.headersOf?.(output) })
    writeReply(headers, ctx)
    const status = binding.statusOf?.(output) ?? binding.status ?? 200
    return jsonResponse(binding.body ? binding.body(output, parts) : output, status, headers)
  } catch (error) {
    const known = toAppError(error)
    if (binding?.redirect && parts && known.kind !== 'rate_limited')
      return redirectTo(binding.redirect.onError(logged(known, context), parts), ctx)
    return errorResponse(rename(error, binding, parts), ctx, context, {}, binding)
  }
}

/** Sends people on who followed a link. */
function redirectTo(place: string, ctx: Context | undefined): Response {
  const headers = new Headers({ location: place, 'cache-control': 'no-store' })
  if (ctx) writeReply(headers, ctx)
  return new Response(null, { status: 303, headers })
}

/** Whether the caller may call anything that could be meant. Who may not is refused, and counted, before the body says what is. */
const mayCall = (entry: RestEntry, ctx: Context): boolean =>
  isByAction(entry) ? Object.values(entry.actions).some(({ operation }) => isAllowed(operation, ctx)) : isAllowed(entry.operation, ctx)

const firstOperation = (entry: RestEntry) => (isByAction(entry) ? Object.values(entry.actions)[0]! : entry).operation

function wantsStream({ isStreamWanted }: RestBinding, request: RestRequest): boolean {
  return isStreamWanted ? isStreamWanted(request) : prefers(request.header('accept'), 'text/event-stream')
}

const emptyBody = {}

function logged(error: AppError, { platform, requestId }: RequestContext): AppError {
  if (error.kind === 'internal') platform.log.error({ err: error.cause, requestId }, 'a REST call failed')
  return error
}

async function takeApart(request: Request, params: RouteArgs['params'], hasForm: boolean): Promise<RestRequest> {
  const queryStart = request.url.indexOf('?')
  // What changes something says so in its body: a URL ends up in logs.
  const hasQuery = queryStart >= 0 && (request.method === 'GET' || request.method === 'HEAD' || request.method === 'DELETE')
  const query = hasQuery ? Object.fromEntries(new URLSearchParams(request.url.slice(queryStart))) : {}
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && !hasForm
  const text = hasBody ? await request.text() : ''
  return {
    params: params as Record<string, string>,
    query,
    body: readJson(request, text),
    text,
    header: (name) => request.headers.get(name),
  }
}

/** @throws UnsupportedMediaType, UnreadableBody */
function readJson(request: Request, text: string): unknown {
  if (text === '') return emptyBody
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new UnsupportedMediaType(type)
  return parseJson(text)
}

export class UnsupportedMediaType extends AppError {
  constructor(type: string | null | undefined) {
    super('unsupported_media', 'UNSUPPORTED_MEDIA_TYPE', `Content-Type: expected application/json${type ? `, got ${type}` : ''}.`)
  }
}

/** The documented error body of any failure. What nobody expected is logged and hidden. */
export function errorResponse(
  error: unknown,
  ctx: Context | undefined,
  context: RequestContext,
  extraHeaders: Record<string, string> = {},
  binding?: RestBinding,
): Response {
  const known = logged(toAppError(error), context)
  const headers = new Headers(extraHeaders)
  if (ctx) writeReply(headers, ctx)
  writeRetryAfter(headers, known)
  if (known.status === 401) headers.set('www-authenticate', 'Bearer')
  const { surface, requestId } = context
  const body = binding?.writeError?.(known) ?? { ...binding?.errorBody?.(known.status), ...surface.errorBody(known, requestId) }
  return jsonResponse(body, known.status, headers)
}

/** Names the fields as this REST call does. */
function rename(error: unknown, binding: RestBinding | undefined, request: RestRequest | undefined): unknown {
  if (!(error instanceof InvalidInput) || !binding || !request) return error
  return new InvalidInput(
    error.fields.map(({ field, message }) => ({ field: fieldNameIn(binding, request, field), message })),
    { count: error.count, code: error.code, details: error.details },
  )
}
