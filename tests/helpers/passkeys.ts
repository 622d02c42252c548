import { createAuthenticator, type Authenticator } from '../fakes/authenticator.ts'
import type { Answer, TestServer } from './test-server.ts'

type Signer = { cookie: string }

/** The body that finishes a registration that was started for it. */
export async function prepareRegistration(server: TestServer, { cookie }: Signer, authenticator = createAuthenticator()) {
  const { options, challenge } = (await server.call('POST', '/api/passkey/register/options', { cookie })).body
  return { credential: authenticator.create(options), challenge: challenge as string, label: 'Desk key' }
}

/** A device with a passkey of the account. */
export async function registerPasskey(server: TestServer, { cookie }: Signer): Promise<Authenticator> {
  const authenticator = createAuthenticator()
  const body = await prepareRegistration(server, { cookie }, authenticator)
  const answer = await server.call('POST', '/api/passkey/register/verify', { cookie, body })
  if (answer.status !== 200) throw new Error(`the passkey was not registered: ${JSON.stringify(answer.body)}`)
  return authenticator
}

/** Asks for a challenge to verify an agent with. */
export const startVerification = (server: TestServer, { cookie }: Signer, agentId: string, verificationType: string): Promise<Answer> =>
  server.call('POST', `/api/agents/${agentId}/verify/challenge`, { cookie, body: { verificationType } })

/** The body that verifies an agent by a passkey, with its challenge signed. */
export async function prepareVerification(server: TestServer, signer: Signer, agentId: string, authenticator: Authenticator) {
  const { options } = (await startVerification(server, signer, agentId, 'webauthn')).body
  return { verificationType: 'webauthn' as const, signature: authenticator.get(options) }
}
