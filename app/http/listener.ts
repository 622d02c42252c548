import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Connection, Handler } from './handler.ts'

/** The handler as `node:http` calls it. */
export function createListener(handle: Handler): RequestListener {
  const listener = getRequestListener((request, { incoming, outgoing }) =>
    handle(request, connectionOf(incoming as IncomingMessage, outgoing as ServerResponse)),
  )
  return (request, response) => void listener(request, response)
}

function connectionOf(incoming: IncomingMessage, outgoing: ServerResponse): Connection {
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort(new Error('The client went away.'))
  })
  return { remoteAddress: incoming.socket.remoteAddress ?? '', signal: gone.signal }
}
