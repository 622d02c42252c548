import { generateApiKey, hashApiKey, previewApiKey, readApiKey, forgetKeysOf, apiKeys as queries } from '../auth/index.ts'
import { entitlementsFor, featuresOf } from '#server/money/billing/index.ts'
import { accountOf, hasScope, type AccountContext, type Actor, type Context, newId } from '#server/platform/core/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type { ApiKey, ApiKeyCreated, ApiKeyRef, CreateApiKey, KeyCheck, ValidateApiKey } from './keys.contract.ts'
import { ApiKeyInvalid, ApiKeyLimitReached, ApiKeyNotFound } from './keys.errors.ts'

const MAX_KEYS = 10
const MAX_NAME_LENGTH = 64

type KeyRow = NonNullable<Awaited<ReturnType<typeof queries.findKey>>>
const toApiKey = (row: KeyRow): ApiKey => ({ ...row, scopes: row.scopes as ApiKey['scopes'] })

/** Keys of the account, newest first. */
export const listApiKeys = async (ctx: AccountContext): Promise<ApiKey[]> => (await queries.listKeys(ctx.db, accountOf(ctx))).map(toApiKey)

/** A page of them. */
export async function listApiKeyPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listKeyPage(ctx.db, accountOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<ApiKey, PlaceByTime> => ({ node: toApiKey(row), place: [place, row.id] }))
}

/** How many there are. */
export const countApiKeys = (ctx: AccountContext): Promise<number> => queries.countKeys(ctx.db, accountOf(ctx))

/** @throws ApiKeyNotFound */
export async function getApiKey(ctx: AccountContext, { keyId }: ApiKeyRef): Promise<ApiKey> {
  const key = await queries.findKey(ctx.db, accountOf(ctx), keyId)
  if (!key) throw new ApiKeyNotFound()
  return toApiKey(key)
}

/** Makes a key and answers with it this once; only its hash is kept. @throws ApiKeyLimitReached at ten keys. */
export async function createApiKey(ctx: AccountContext, input: CreateApiKey): Promise<ApiKeyCreated> {
  const count = await queries.lockKeyCount(ctx.db, accountOf(ctx))
  if (count >= MAX_KEYS) throw new ApiKeyLimitReached(count, MAX_KEYS)
  const key = generateApiKey()
  const row = await queries.insertKey(ctx.db, accountOf(ctx), {
    id: newId('apiKey'),
    name: input.name,
    preview: previewApiKey(key),
    keyHash: hashApiKey(key),
    scopes: input.scopes ?? null,
    expiresAt: input.expiresAt ?? null,
    rateLimit: input.rateLimit ?? null,
    spendLimitCents: input.spendLimitCents ?? null,
    createdBy: ctx.actor.kind === 'session' ? ctx.actor.user.id : ctx.actor.account.ownerId,
  })
  return { ...toApiKey(row), key }
}

/**
 * Makes the key an agent calls models with, in place of the one it had. It can do nothing else, is not
 * among the keys of the account, and goes with the agent.
 */
export async function createAgentKey(ctx: AccountContext, agentId: string): Promise<string> {
  const key = generateApiKey()
  await queries.deleteKeyOfAgent(ctx.db, accountOf(ctx), agentId)
  await queries.insertKey(ctx.db, accountOf(ctx), {
    id: newId('apiKey'),
    name: `Agent ${agentId}`.slice(0, MAX_NAME_LENGTH),
    preview: previewApiKey(key),
    keyHash: hashApiKey(key),
    scopes: ['models:write'],
    expiresAt: null,
    rateLimit: null,
    spendLimitCents: null,
    createdBy: null,
    agentId,
  })
  forgetKeysOf(ctx.platform, accountOf(ctx))
  return key
}

/** The key stops working at once. @throws ApiKeyNotFound */
export async function deleteApiKey(ctx: AccountContext, { keyId }: ApiKeyRef): Promise<{ success: true }> {
  if (!(await queries.deleteKey(ctx.db, accountOf(ctx), keyId))) throw new ApiKeyNotFound()
  forgetKeysOf(ctx.platform, accountOf(ctx))
  return { success: true }
}

/** Checks a key that is sent as data. @throws ApiKeyInvalid */
export const validateApiKey = async (ctx: Context, { apiKey }: ValidateApiKey): Promise<KeyCheck> =>
  checkOf(ctx, (await readApiKey(ctx.platform, apiKey, ctx.ip)).actor)

/** Checks the key the call itself was made with. @throws ApiKeyInvalid */
export const validateBearerKey = async (ctx: Context): Promise<KeyCheck> => checkOf(ctx, ctx.actor)

function checkOf(ctx: Context, actor: Actor): KeyCheck {
  if (actor.kind !== 'key')
    throw new ApiKeyInvalid(actor.kind === 'invalid' ? actor.reason : 'Send an API key as "Authorization: Bearer sk_...".')
  const entitlements = entitlementsFor(ctx.platform, actor.account)
  return {
    valid: true,
    userId: actor.account.id,
    ...(hasScope(actor, 'account:read') && actor.account.email !== null ? { email: actor.account.email } : {}),
    plan: entitlements.plan,
    subscriptionStatus: entitlements.status,
    features: featuresOf(entitlements),
  }
}
