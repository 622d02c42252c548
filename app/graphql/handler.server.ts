import { sayMethods } from '../http/methods.ts'
import type { RequestContext } from '../http/request-context.ts'

/** Serves `/graphql`. What it takes is loaded with the first request, so that the server starts sooner. */
export async function handleGraphql({ request, context }: { request: Request; context: RequestContext }): Promise<Response> {
  if (request.method === 'OPTIONS') return sayMethods()
  const { serveGraphql } = await import('./yoga.server.ts')
  return serveGraphql({ request, context })
}
