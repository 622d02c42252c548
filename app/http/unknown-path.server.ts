import { AppError } from '#server/platform/core/index.ts'
import type { RequestContext } from './request-context.ts'
import { errorResponse } from './rest.server.ts'

class UnknownPath extends AppError {
  constructor(path: string) {
    super('not_found', 'UNKNOWN_PATH', `There is no ${path} here. GET /api/openapi.json lists what there is.`)
  }
}

/** Answers what no route under `/api` does, as JSON. */
export const unknownPath = async ({ request, context }: { request: Request; context: RequestContext }): Promise<Response> =>
  errorResponse(new UnknownPath(new URL(request.url).pathname), undefined, context)
