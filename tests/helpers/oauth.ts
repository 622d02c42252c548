import type { GitHub } from '../fakes/github.ts'
import type { TestServer } from './test-server.ts'

let people = 0

/** A sign-in with GitHub to which its person, who is new here, has said yes: what finishes it. */
export async function prepareGitHubSignIn(server: TestServer, github: GitHub) {
  const response = await fetch(`${server.url}/api/auth/oauth/github/start`, { redirect: 'manual' })
  const id = ++people
  const emails = [{ email: `github${id}-${Date.now()}@example.org`, primary: true, verified: true, visibility: null }]
  const back = github.agree(response.headers.get('location')!, { id, login: `person${id}`, name: null, emails })
  const binding = /^[^=]+=([^;]+)/.exec(response.headers.get('set-cookie')!)![1]!
  return { provider: 'github' as const, query: back.search.slice(1), binding }
}
