import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { isOwnEventSource } from '#server/identity/auth/index.ts'
import { type Context, AppError } from '#server/platform/core/index.ts'
import { callContext, isSafe, writeReply, writeRetryAfter } from '../http/call-context.server.ts'
import { asGet, sayMethods } from '../http/methods.ts'
import type { RequestContext } from '../http/request-context.ts'
import { appRouter } from './router.ts'
import { isStream, withLead } from './streams.server.ts'
import { toTrpcError } from './trpc.server.ts'

const ENDPOINT = '/trpc'
const MAX_CALLS_IN_BATCH = 20
const EVENTS = 'text/event-stream'

/** Serves `/trpc/*`: queries and mutations one by one, in batches and as JSON lines; streams as server-sent events. */
export async function handleTrpc({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  if (request.method === 'OPTIONS') return sayMethods()
  if (request.method !== 'HEAD') return serveTrpc(request, context)
  // A stream does something as soon as it begins, and nobody would read what.
  if (isStream(new URL(request.url).pathname.slice(ENDPOINT.length + 1))) return new Response(null, { headers: { 'content-type': EVENTS } })
  return serveTrpc(asGet(request), context)
}

async function serveTrpc(request: Request, context: RequestContext): Promise<Response> {
  let path: string | undefined
  const answer = await fetchRequestHandler({
    endpoint: ENDPOINT,
    req: request,
    router: appRouter,
    maxBatchSize: MAX_CALLS_IN_BATCH,
    // An EventSource that can is to send POST: its input may be long, and nothing of it is in an address.
    allowMethodOverride: true,
    createContext: async ({ info }): Promise<Context> => {
      const isStream = info.type === 'subscription'
      if (isStream) path = info.calls[0]?.path
      try {
        const isSafeMethod = isSafe(request.method) && !(isStream && isOwnEventSource(context.platform, headersOf(request)))
        return await callContext(request, context, { isSafeMethod })
      } catch (error) {
        throw toTrpcError({ log: context.platform.log, requestId: context.requestId }, error)
      }
    },
    responseMeta: ({ ctx, errors }) => {
      const headers = new Headers()
      if (ctx) writeReply(headers, ctx)
      for (const { cause } of errors) if (cause instanceof AppError) writeRetryAfter(headers, cause)
      return { headers }
    },
  })
  // tRPC leaves it out of what it refuses as a whole.
  if (!answer.headers.has('content-type')) answer.headers.set('content-type', 'application/json')
  return path !== undefined && answer.ok ? withLead(answer, path, context.requestId) : answer
}

const headersOf = ({ headers }: Request) => ({ header: (name: string) => headers.get(name) })
