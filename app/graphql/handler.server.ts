import type { RequestContext } from '../http/request-context.ts'

/** Serves `/graphql`. What it takes is loaded with the first request, so that the server starts sooner. */
export async function handleGraphql(args: { request: Request; context: RequestContext }): Promise<Response> {
  const { serveGraphql } = await import('./yoga.server.ts')
  return serveGraphql(args)
}
