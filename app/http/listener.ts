import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { ClientClosed, InvalidInput } from '#server/platform/core/index.ts'
import type { Connection, Handler } from './handler.ts'

/** The handler as `node:http` calls it. */
export function createListener(handle: Handler): RequestListener {
  const listener = getRequestListener(
    (request, { incoming, outgoing }) => handle(request, connectionOf(incoming as IncomingMessage, outgoing as ServerResponse)),
    { errorHandler: () => Response.json(new UnusableTarget().toBody(), { status: 400 }) },
  )
  return (request, response) => void listener(request, response)
}

/** The request names no address: its `Host` is missing, or makes none with its path. */
class UnusableTarget extends InvalidInput {
  constructor() {
    super([{ field: 'Host', message: 'expected the name of this server, and a path that is a valid URL with it' }])
  }
}

function connectionOf(incoming: IncomingMessage, outgoing: ServerResponse): Connection {
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort(new ClientClosed())
  })
  return {
    remoteAddress: incoming.socket.remoteAddress ?? '',
    signal: gone.signal,
    onEnd: (listener) => void outgoing.once('close', listener),
  }
}
