// What `/graphql` and `/trpc` have in common: they take GET and POST, and what goes with those.

/** What OPTIONS says. */
export const sayMethods = (): Response => new Response(null, { status: 204, headers: { allow: 'GET, HEAD, POST, OPTIONS' } })

/** HEAD asks what GET would; whoever answers leaves the body out. */
export const asGet = ({ url, headers, signal }: Request): Request => new Request(url, { headers, signal })
