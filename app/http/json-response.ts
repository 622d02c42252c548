/** JSON that says how long it is, so that what is short can be sent on without another look at it. */
export function jsonResponse(value: unknown, status: number, headers: Headers): Response {
  const text = JSON.stringify(value)
  headers.set('content-type', 'application/json')
  headers.set('content-length', String(Buffer.byteLength(text)))
  return new Response(text, { status, headers })
}
