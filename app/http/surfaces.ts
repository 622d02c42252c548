import { toOpenAiError } from '#server/api/openai/openai.rest.ts'
import type { AppError, Bucket } from '#server/platform/core/index.ts'
import { graphqlErrorBody, trpcErrorBody } from './error-bodies.ts'

/** A part of what is served: how it writes failures, and where requests count that no operation has counted. */
export interface Surface {
  /** `page` for all that no program calls. */
  name: 'rest' | 'openai' | 'trpc' | 'graphql' | 'page'
  bucket: Bucket
  /** The JSON body of a failure. */
  errorBody(error: AppError, requestId: string): Record<string, unknown>
}

const plainBody = (error: AppError) => error.toBody()

const surfaces: Record<string, Surface> = {
  api: { name: 'rest', bucket: 'general', errorBody: plainBody },
  v1: { name: 'openai', bucket: 'general', errorBody: toOpenAiError },
  trpc: { name: 'trpc', bucket: 'general', errorBody: trpcErrorBody },
  graphql: { name: 'graphql', bucket: 'graphql', errorBody: graphqlErrorBody },
}
const pages: Surface = { name: 'page', bucket: 'general', errorBody: plainBody }

/** The surface a path belongs to, by its first segment. */
export const surfaceOf = (path: string): Surface => surfaces[/^\/+([^/]*)/.exec(path)?.[1] ?? ''] ?? pages
