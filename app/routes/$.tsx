/** Paths that no page has: known to the browser as well, so that it does not look for a page the server has said there is none of. */
export const loader = (): never => {
  throw new Response(null, { status: 404, statusText: 'Not Found' })
}

export default function NoPage() {
  return null
}
