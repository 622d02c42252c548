import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'
import { chooseCoding } from './accept-encoding.ts'

/** Serves a file, or calls `next`. */
export type ServeFile = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** The files of a folder as they are when the server starts, each as the sibling `.br` or `.gz` the client accepts. */
export function serveFolder(folder: string): ServeFile {
  const serve = sirv(folder, {
    brotli: true,
    gzip: true,
    etag: true,
    setHeaders: (response, path) =>
      response.setHeader('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600'),
  })
  return (request, response, next) => {
    const { headers } = request
    const accepted = headers['accept-encoding']
    if (accepted === undefined) return serve(request, response, next)
    // Sirv looks for names of codings and at no weights, so it is shown the one that is wanted. Parts are parts of the
    // file itself.
    headers['accept-encoding'] = headers.range === undefined ? (chooseCoding(accepted) ?? '') : ''
    serve(request, response, () => {
      headers['accept-encoding'] = accepted
      next()
    })
  }
}
