import { createHash } from 'node:crypto'

interface Playground {
  page: Blob
  policy: string
}

let playground: Promise<Playground> | undefined

/**
 * A page to write queries in and to read the schema. All of it comes from this server, so that it works without
 * internet. It has 9 MB: it is made when it is first asked for, and shared by all who read it.
 */
export async function servePlayground(): Promise<Response> {
  const { page, policy } = await (playground ??= createPlayground())
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy } })
}

async function createPlayground(): Promise<Playground> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({
    title: 'Agentbot GraphQL',
    endpoint: '/graphql',
    defaultQuery: '{\n  me {\n    name\n    agents(first: 5) {\n      totalCount\n      edges { node { id name status } }\n    }\n  }\n}\n',
    credentials: 'same-origin',
  })
  return { page: new Blob([html]), policy: policyOf(html) }
}

/** Runs the scripts the page came with and no others, and talks to this server only. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  )
  return [
    `default-src 'none'`,
    `script-src ${scripts.join(' ')}`,
    // The editor makes its workers out of texts of the page.
    `worker-src blob:`,
    // The editor sets styles of its own and brings its font along.
    `style-src 'unsafe-inline'`,
    `font-src data:`,
    `img-src 'self' data:`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}
