import { accountOf, type AccountContext } from '../core/context.ts'
import { hostedProviders, type Credentials } from '../models/providers.ts'
import { MAX_CREDENTIALS } from './agents.contract.ts'
import { TooManyCredentials } from './agents.errors.ts'
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
 * @returns whether one is stored now.
 * @throws TooManyCredentials
 */
export async function setCredential(ctx: AccountContext, agentId: string, key: string, value: string | undefined): Promise<boolean> {
  if (!value) {
    await queries.deleteCredential(ctx.db, accountOf(ctx), agentId, key)
    return false
  }
  const sealed = ctx.platform.secrets.seal(value, purposeOf(agentId))
  if (!(await queries.upsertCredential(ctx.db, accountOf(ctx), agentId, key, sealed, MAX_CREDENTIALS)))
    throw new TooManyCredentials(MAX_CREDENTIALS)
  return true
}
