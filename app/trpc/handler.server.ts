import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { type Context, AppError } from '#server/platform/core/index.ts'
import { callContext, writeReply, writeRetryAfter } from '../http/call-context.server.ts'
import type { RequestContext } from '../http/request-context.ts'
import { appRouter } from './router.ts'
import { toTrpcError } from './trpc.server.ts'

const MAX_CALLS_IN_BATCH = 20

/** Serves `/trpc/*`. */
export async function handleTrpc({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: MAX_CALLS_IN_BATCH,
    createContext: async (): Promise<Context> => {
      try {
        return await callContext(request, context)
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
  if (!response.headers.has('content-type')) response.headers.set('content-type', 'application/json')
  return response
}
