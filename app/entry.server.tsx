import { createReadableStreamFromReadable, type ActionFunctionArgs, type AppLoadContext, type EntryContext } from '@remix-run/node'
import { RemixServer } from '@remix-run/react'
import { isbot } from 'isbot'
import { PassThrough } from 'node:stream'
import { renderToPipeableStream } from 'react-dom/server'
import { NonceContext } from './shell/nonce.ts'

/** How long loaders may keep a page waiting for its last bit. */
export const streamTimeout = 5_000

/** Streams the page as soon as its shell is ready; crawlers get it in one piece. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remix: EntryContext,
  { nonce, platform, requestId }: AppLoadContext,
): Promise<Response> {
  const page = (
    <NonceContext.Provider value={nonce}>
      <RemixServer context={remix} url={request.url} nonce={nonce} />
    </NonceContext.Provider>
  )
  const isWhole = isbot(request.headers.get('user-agent') ?? '') || remix.isSpaMode
  return new Promise((resolve, reject) => {
    let hasBegun = false
    const send = () => {
      hasBegun = true
      headers.set('content-type', 'text/html; charset=utf-8')
      const body = new PassThrough()
      resolve(new Response(createReadableStreamFromReadable(body), { status, headers }))
      pipe(body)
    }
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce,
      ...(isWhole ? { onAllReady: send } : { onShellReady: send }),
      onShellError: reject,
      onError(error) {
        status = 500
        // Failures of the shell are thrown, and so reach `handleError`.
        if (hasBegun) platform.log.error({ err: error, requestId }, 'a page broke off')
      },
    })
    setTimeout(abort, streamTimeout + 1_000).unref()
  })
}

/** A visitor who goes away is no error. */
export function handleError(error: unknown, { request, context }: ActionFunctionArgs): void {
  if (!request.signal.aborted) context.platform.log.error({ err: error, requestId: context.requestId }, 'a page failed')
}
