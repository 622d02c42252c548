import { accountOf, type AccountContext, type AccountId, type Platform, InvalidInput } from '#server/platform/core/index.ts'
import type { SealedColumn } from '#server/platform/rotation/index.ts'
import { askProvider } from './model-lists.ts'
import { ProviderKeyNotFound } from './models.errors.ts'
import * as queries from './provider-keys.queries.ts'
import type { Credentials, HostedProvider } from './providers.ts'

const purposeOf = (accountId: string, provider: string) => `provider key ${accountId} ${provider}`

export const sealedProviderKeys: SealedColumn = {
  table: 'provider_keys',
  column: 'sealed_key',
  purpose: ({ accountId, provider }) => purposeOf(accountId!, provider!),
}

/** Another server may have changed the keys; here a change counts at once. */
const MAX_AGE_MS = 5_000
const MAX_ACCOUNTS = 10_000

const caches = new WeakMap<Platform, Map<AccountId, { credentials: Credentials; readAt: number }>>()

const cacheOf = (platform: Platform) => {
  const cache = caches.get(platform) ?? new Map<AccountId, { credentials: Credentials; readAt: number }>()
  caches.set(platform, cache)
  return cache
}

/** The account's own keys for model providers, decrypted; they are used instead of the operator's. */
export async function readProviderKeys(ctx: AccountContext): Promise<Credentials> {
  const accountId = accountOf(ctx)
  const cache = cacheOf(ctx.platform)
  const known = cache.get(accountId)
  if (known && performance.now() - known.readAt < MAX_AGE_MS) return known.credentials
  const rows = await queries.listProviderKeys(ctx.db, accountId)
  const credentials = Object.fromEntries(
    rows.map(({ provider, sealedKey }) => [provider, ctx.platform.secrets.open(sealedKey, purposeOf(accountId, provider))]),
  )
  if (cache.size >= MAX_ACCOUNTS) cache.delete(cache.keys().next().value!)
  cache.set(accountId, { credentials, readAt: performance.now() })
  return credentials
}

/** For which providers the account has keys; never the keys. */
export const listProviderKeys = async (ctx: AccountContext) =>
  (await queries.listProviderKeys(ctx.db, accountOf(ctx))).map(({ provider, updatedAt }) => ({
    provider: provider as HostedProvider,
    updatedAt,
  }))

/**
 * Stores a key, encrypted. The account's calls to models of that provider go out on it from now on.
 *
 * @throws InvalidInput when the provider refuses the key; one that does not answer is given the benefit of the doubt.
 */
export async function setProviderKey(ctx: AccountContext, { provider, apiKey }: { provider: HostedProvider; apiKey: string }) {
  const problem = await askProvider(ctx.platform.env, provider, apiKey)
  if (problem && /^it answered 40[13]$/.test(problem))
    throw new InvalidInput([{ field: 'apiKey', message: `expected a key that ${provider} accepts; ${problem}` }])
  const sealed = ctx.platform.secrets.seal(apiKey, purposeOf(accountOf(ctx), provider))
  const row = await queries.upsertProviderKey(ctx.db, accountOf(ctx), provider, sealed)
  cacheOf(ctx.platform).delete(accountOf(ctx))
  return { provider, updatedAt: row.updatedAt }
}

/** Removes a key; the operator's is used again. @throws ProviderKeyNotFound */
export async function removeProviderKey(ctx: AccountContext, { provider }: { provider: HostedProvider }): Promise<{ success: true }> {
  if (!(await queries.deleteProviderKey(ctx.db, accountOf(ctx), provider))) throw new ProviderKeyNotFound(provider)
  cacheOf(ctx.platform).delete(accountOf(ctx))
  return { success: true }
}

/** Removes all keys of the account; the operator's are used again. */
export async function removeAllProviderKeys(ctx: AccountContext): Promise<void> {
  await queries.deleteProviderKeys(ctx.db, accountOf(ctx))
  cacheOf(ctx.platform).delete(accountOf(ctx))
}
