import type { TestAccount, TestServer } from './test-server.ts'

/** An agent of the account, which runs. @returns its id. */
export async function seedAgent(server: TestServer, { key }: TestAccount, config: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await server.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk', config } })
  if (status !== 201) throw new Error(`the agent was not provisioned: ${JSON.stringify(body)}`)
  return body.agent.id
}

/** A fresh account with one agent, which runs. */
export async function seedAccount(server: TestServer): Promise<{ account: TestAccount; agentId: string }> {
  const account = await server.createAccount()
  return { account, agentId: await seedAgent(server, account) }
}
