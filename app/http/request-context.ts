import type {} from '@remix-run/server-runtime'
import type { Context, Platform, AppError, Bucket } from '#server/platform/core/index.ts'
import type { Surface } from './surfaces.ts'

/** What the server entry knows of a request before any transport has looked at it; Remix hands it on as `context`. */
export type RequestContext = {
  platform: Platform
  requestId: string
  ip: string
  /** Aborted when the client goes away or the server stops. */
  signal: AbortSignal
  /** When it arrived, by `performance.now()`. */
  startedAt: number
  /** For inline scripts of pages, under the content security policy. */
  nonce: string
  /** Pattern of the path that answers, such as `/api/agents/:id`; pages share one. */
  route: string
  surface: Surface
  /** The call, once it is known who makes it. */
  call?: Context
  /** The bucket of what is called, where that is known before it is counted. */
  bucket?: Bucket | undefined
  /** Why the body could not be read, once somebody has tried. */
  bodyProblem?: AppError
}

declare module '@remix-run/server-runtime' {
  interface AppLoadContext extends RequestContext {}
}
