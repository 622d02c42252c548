import { accountOf, InvalidInput, type AccountContext } from '#server/platform/core/index.ts'
import type { SealedColumn } from '#server/platform/rotation/index.ts'
import { canonicalProvider, hostedProviders, namesOfProvider, type Credentials } from '#server/models/catalogue/index.ts'
import { MAX_CREDENTIALS } from './agents.contract.ts'
import { AgentNotFound, TooManyCredentials } from './agents.errors.ts'
import * as queries from './agents.queries.ts'

const purposeOf = (agentId: string) => `credential ${agentId}`

export const sealedCredentials: SealedColumn = {
  table: 'agent_credentials',
  column: 'sealed_value',
  purpose: ({ agentId }) => purposeOf(agentId!),
}

/** The keys of an agent's own for model providers, decrypted. */
export async function readAgentCredentials(ctx: AccountContext, agentId: string): Promise<Credentials> {
  const rows = await queries.listCredentials(ctx.db, accountOf(ctx), agentId)
  const open = (sealedValue: string) => ctx.platform.secrets.open(sealedValue, purposeOf(agentId))
  return Object.fromEntries(
    hostedProviders.flatMap((provider) => {
      // Stored under another of its names by an earlier version, which did not read it then.
      const names = namesOfProvider(provider)
      const row = rows.filter(({ key }) => names.includes(key)).toSorted((a, b) => names.indexOf(a.key) - names.indexOf(b.key))[0]
      return row ? [[provider, open(row.sealedValue)]] : []
    }),
  )
}

/** Which credentials are stored; never their values. */
export async function listCredentialNames(ctx: AccountContext, agentId: string): Promise<string[]> {
  const rows = await queries.listCredentials(ctx.db, accountOf(ctx), agentId)
  return [...new Set(rows.map(({ key }) => canonicalProvider(key)))]
}

/**
 * Stores a key for a model provider encrypted, or removes it when there is no value.
 *
 * @param ctx Its `db` is a transaction.
 * @param name Of the provider, or of anything that an earlier version stored, which can still be removed.
 * @returns whether one is stored now, and under which name.
 * @throws AgentNotFound, TooManyCredentials; InvalidInput for a name that nothing reads
 */
export async function setCredential(
  ctx: AccountContext,
  agentId: string,
  name: string,
  value: string | undefined,
): Promise<{ key: string; configured: boolean }> {
  const key = canonicalProvider(name)
  if (!value) {
    await queries.deleteCredentials(ctx.db, accountOf(ctx), agentId, namesOfProvider(name))
    return { key, configured: false }
  }
  if (!(hostedProviders as readonly string[]).includes(key))
    throw new InvalidInput([
      { field: 'key', message: `expected a provider whose key is used: ${hostedProviders.flatMap(namesOfProvider).join(', ')}` },
    ])
  // Two that come at once would both find the last place free.
  if (!(await queries.lockAgent(ctx.db, accountOf(ctx), agentId))) throw new AgentNotFound(agentId)
  const names = await listCredentialNames(ctx, agentId)
  if (names.length >= MAX_CREDENTIALS && !names.includes(key)) throw new TooManyCredentials(MAX_CREDENTIALS)
  await queries.upsertCredential(ctx.db, accountOf(ctx), agentId, key, ctx.platform.secrets.seal(value, purposeOf(agentId)))
  return { key, configured: true }
}
