import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { hostedProviders, type Credentials } from '#server/models/catalogue/index.ts'
import { MAX_CREDENTIALS } from './agents.contract.ts'
import { AgentNotFound, TooManyCredentials } from './agents.errors.ts'
import * as queries from './agents.queries.ts'

const purposeOf = (agentId: string) => `credential ${agentId}`

/** The keys of an agent's own for model providers, decrypted. */
export async function readAgentCredentials(ctx: AccountContext, agentId: string): Promise<Credentials> {
  const rows = await queries.listCredentials(ctx.db, accountOf(ctx), agentId)
  const relevant = rows.filter(({ key }) => (hostedProviders as readonly string[]).includes(key))
  return Object.fromEntries(relevant.map(({ key, sealedValue }) => [key, ctx.platform.secrets.open(sealedValue, purposeOf(agentId))]))
}

/** Which credentials are stored; never their values. */
export async function listCredentialNames(ctx: AccountContext, agentId: string): Promise<string[]> {
  return (await queries.listCredentials(ctx.db, accountOf(ctx), agentId)).map(({ key }) => key)
}

/**
 * Stores a credential encrypted, or removes it when there is no value.
 *
 * @param ctx Its `db` is a transaction.
 * @returns whether one is stored now.
 * @throws AgentNotFound, TooManyCredentials
 */
export async function setCredential(ctx: AccountContext, agentId: string, key: string, value: string | undefined): Promise<boolean> {
  if (!value) {
    await queries.deleteCredential(ctx.db, accountOf(ctx), agentId, key)
    return false
  }
  // Two that come at once would both find the last place free.
  if (!(await queries.lockAgent(ctx.db, accountOf(ctx), agentId))) throw new AgentNotFound(agentId)
  const names = await listCredentialNames(ctx, agentId)
  if (names.length >= MAX_CREDENTIALS && !names.includes(key)) throw new TooManyCredentials(MAX_CREDENTIALS)
  await queries.upsertCredential(ctx.db, accountOf(ctx), agentId, key, ctx.platform.secrets.seal(value, purposeOf(agentId)))
  return true
}
