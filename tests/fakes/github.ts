import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A person at the fake GitHub. */
export interface GitHubPerson {
  id: number
  login: string
  name: string | null
  emails: { email: string; primary: boolean; verified: boolean; visibility: string | null }[]
}

export interface GitHub {
  url: string
  clientId: string
  clientSecret: string
  /** Says yes for the person at GitHub's page. @returns where the browser is sent then. */
  agree(authorizationUrl: string, person: GitHubPerson): URL
  /** Says no there. */
  cancel(authorizationUrl: string): URL
  close(): Promise<void>
}

const CLIENT = { clientId: 'Iv1.0123456789abcdef', clientSecret: 'a-github-secret-that-only-tests-use' }

interface Grant {
  person: GitHubPerson
  challenge: string
  redirectUri: string
  scope: string
}

/** As strict as the real one where it matters: PKCE, codes that are good once, errors with status 200, and its own `iss`. */
export async function startGitHub(): Promise<GitHub> {
  const codes = new Map<string, Grant>()
  const tokens = new Map<string, Grant>()
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    const { pathname } = new URL(request.url!, 'http://localhost')
    if (request.method === 'POST' && pathname === '/login/oauth/access_token') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      return answer(200, exchange(new URLSearchParams(Buffer.concat(chunks).toString())))
    }
    const grant = tokens.get(/^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '')
    // The real one refuses who does not say who they are.
    if (!request.headers['user-agent']) return answer(403, { message: 'Request forbidden by administrative rules.' })
    if (!grant) return answer(401, { message: 'Bad credentials' })
    const { id, login, name, emails } = grant.person
    if (pathname === '/user') return answer(200, { id, login, name, email: null, type: 'User' })
    if (pathname !== '/user/emails') return answer(404, { message: 'Not Found' })
    return grant.scope.split(' ').includes('user:email') ? answer(200, emails) : answer(404, { message: 'Not Found' })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  function exchange(form: URLSearchParams): Record<string, string> {
    if (form.get('client_id') !== CLIENT.clientId || form.get('client_secret') !== CLIENT.clientSecret)
      return { error: 'incorrect_client_credentials', error_description: 'The client_id and/or client_secret passed are incorrect.' }
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const verified = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!grant || grant.challenge !== verified || grant.redirectUri !== form.get('redirect_uri'))
      return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
    const token = `gho_${randomBytes(18).toString('hex')}`
    tokens.set(token, grant)
    return { access_token: token, token_type: 'bearer', scope: grant.scope.replaceAll(' ', ',') }
  }

  /** The request as GitHub reads it. */
  function read(authorizationUrl: string) {
    const { origin, pathname, searchParams } = new URL(authorizationUrl)
    const get = (name: string) => searchParams.get(name) ?? ''
    if (origin !== url || pathname !== '/login/oauth/authorize' || get('client_id') !== CLIENT.clientId)
      throw new Error(`GitHub does not know ${authorizationUrl}`)
    if (get('code_challenge_method') !== 'S256' || get('response_type') !== 'code') throw new Error('GitHub refuses that request.')
    return { redirectUri: get('redirect_uri'), challenge: get('code_challenge'), scope: get('scope'), state: get('state') }
  }

  return {
    url,
    ...CLIENT,
    agree(authorizationUrl, person) {
      const { state, ...request } = read(authorizationUrl)
      const code = randomBytes(10).toString('hex')
      codes.set(code, { ...request, person })
      return withQuery(request.redirectUri, { code, state, iss: `${url}/login/oauth` })
    },
    cancel(authorizationUrl) {
      const { redirectUri, state } = read(authorizationUrl)
      return withQuery(redirectUri, { error: 'access_denied', error_description: 'The user has denied access.', state })
    },
    close() {
      server.closeAllConnections()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}

function withQuery(address: string, query: Record<string, string>): URL {
  const url = new URL(address)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}
