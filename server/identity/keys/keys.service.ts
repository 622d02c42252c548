import { generateApiKey, hashApiKey, isAllowedAddress, previewApiKey, readApiKey, forgetKeysOf, apiKeys as queries } from '../auth/index.ts'
import { entitlementsFor, featuresOf } from '#server/money/billing/index.ts'
import {
  accountOf,
  hasScope,
  type AccountContext,
  type Actor,
  type Context,
  InvalidInput,
  inTransaction,
  newId,
  noteAudit,
  SERVER_CHAIN,
  userOf,
} from '#server/platform/core/index.ts'
import type { Entry, PlaceByTime, Slice } from '#server/platform/operations/index.ts'
import type {
  ApiKey,
  ApiKeyCreated,
  ApiKeyRef,
  CreateApiKey,
  KeyCheck,
  ReportLeakedKeys,
  RotateApiKey,
  UpdateApiKey,
  ValidateApiKey,
} from './keys.contract.ts'
import { tellOfLeak } from './key-letters.service.ts'
import { ApiKeyInvalid, ApiKeyLimitReached, ApiKeyNotFound } from './keys.errors.ts'

const MAX_KEYS = 10
const MAX_NAME_LENGTH = 64

type KeyRow = NonNullable<Awaited<ReturnType<typeof queries.findKey>>>
const toApiKey = ({ creatorId, creatorName, ...row }: KeyRow): ApiKey => ({
  ...row,
  scopes: row.scopes as ApiKey['scopes'],
  createdBy: creatorId === null ? null : { id: creatorId, name: creatorName },
})

/** Keys of the person who calls, newest first. */
export const listApiKeys = async (ctx: AccountContext): Promise<ApiKey[]> =>
  (await queries.listKeys(ctx.db, accountOf(ctx), userOf(ctx))).map(toApiKey)

/** Keys of the workspace, whoever made them, newest first. */
export const listAllApiKeys = async (ctx: AccountContext): Promise<ApiKey[]> =>
  (await queries.listKeys(ctx.db, accountOf(ctx))).map(toApiKey)

/** A page of those of the person who calls. */
export async function listApiKeyPage(ctx: AccountContext, _input: object, { after, limit }: Slice<PlaceByTime>) {
  const rows = await queries.listKeyPage(ctx.db, accountOf(ctx), userOf(ctx), limit, after)
  return rows.map(({ place, ...row }): Entry<ApiKey, PlaceByTime> => ({ node: toApiKey(row), place: [place, row.id] }))
}

/** How many there are. */
export const countApiKeys = (ctx: AccountContext): Promise<number> => queries.countKeys(ctx.db, accountOf(ctx), userOf(ctx))

/** @throws ApiKeyNotFound */
export async function getApiKey(ctx: AccountContext, { keyId }: ApiKeyRef): Promise<ApiKey> {
  const key = await queries.findKey(ctx.db, accountOf(ctx), keyId)
  // Who may not change those of others does not see them either.
  if (!key || (key.creatorId !== userOf(ctx) && !hasScope(ctx.actor, 'keys:write'))) throw new ApiKeyNotFound()
  return toApiKey(key)
}

/**
 * Makes a key and answers with it this once; only its hash is kept.
 *
 * @throws ApiKeyLimitReached at ten keys; InvalidInput for a list of addresses without the caller's own.
 */
export async function createApiKey(ctx: AccountContext, input: CreateApiKey): Promise<ApiKeyCreated> {
  requireOwnAddress(ctx, input)
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
    allowedAddresses: input.allowedAddresses ?? null,
    createdBy: ctx.actor.kind === 'session' ? ctx.actor.user.id : ctx.actor.account.ownerId,
  })
  return { ...toApiKey(row), key }
}

/**
 * A list without the address of whoever makes it is more often a mistake than meant: behind a proxy the server sees others
 * than people know of.
 *
 * @throws InvalidInput
 */
function requireOwnAddress(
  { ip }: Context,
  { allowedAddresses, isUsedElsewhere }: Pick<UpdateApiKey, 'allowedAddresses' | 'isUsedElsewhere'>,
) {
  if (!allowedAddresses || isUsedElsewhere || isAllowedAddress(allowedAddresses, ip)) return
  const message = `leaves out ${ip}, the address you call from; add it, or send "isUsedElsewhere": true if that is meant`
  throw new InvalidInput([{ field: 'allowedAddresses', message }])
}

/** Changes only what was sent. @throws ApiKeyNotFound; InvalidInput for a list of addresses without the caller's own. */
export async function updateApiKey(ctx: AccountContext, { keyId, isUsedElsewhere, ...change }: UpdateApiKey): Promise<ApiKey> {
  requireOwnAddress(ctx, { ...change, isUsedElsewhere })
  if (Object.values(change).every((value) => value === undefined)) return getApiKey(ctx, { keyId })
  const row = await queries.updateKey(ctx.db, accountOf(ctx), keyId, change)
  if (!row) throw new ApiKeyNotFound()
  forgetKeysOf(ctx.platform, accountOf(ctx))
  return toApiKey(row)
}

/**
 * Puts a new key in the place of the old one, which goes on working for some hours. It stays the same row: what it may do, what
 * it spent and its place among the ten are kept. The deadline of the old one is looked at with every call.
 *
 * @throws ApiKeyNotFound
 */
export async function rotateApiKey(ctx: AccountContext, { keyId, overlapHours }: RotateApiKey): Promise<ApiKeyCreated> {
  const key = generateApiKey()
  const change = { keyHash: hashApiKey(key), preview: previewApiKey(key), overlapHours }
  const row = await queries.replaceKey(ctx.db, accountOf(ctx), keyId, change)
  if (!row) throw new ApiKeyNotFound()
  forgetKeysOf(ctx.platform, accountOf(ctx))
  return { ...toApiKey(row), key }
}

/** Switches off those of the keys that are of this server. The answer is the same for all, so that it tells nobody of any. */
export async function reportLeakedKeys(ctx: Context, { keys }: ReportLeakedKeys): Promise<{ received: true }> {
  const { platform } = ctx
  const leaked = await inTransaction(platform.databases.system, async (db) => {
    const found = await queries.switchOffKeys(db, keys.map(hashApiKey))
    for (const key of found) await tellOfLeak(platform, db, key)
    return found
  })
  for (const { id, accountId } of leaked) {
    forgetKeysOf(platform, accountId)
    platform.log.warn({ keyId: id, account: accountId }, 'a key was reported as leaked and has been switched off')
  }
  const told = leaked.map(({ id, name, accountId }) => ({ accountId, targets: [{ type: 'key', id, name }] }))
  if (told.length > 0) noteAudit(ctx, { accountId: SERVER_CHAIN, targets: told.flatMap(({ targets }) => targets), alsoIn: told })
  return { received: true }
}

/**
 * Makes the key an agent calls models with, in place of the one it had. Besides it can ask to spend from the wallet, as far as
 * policies let it. It is not among the keys of the account, and goes with the agent.
 */
export async function createAgentKey(ctx: AccountContext, agentId: string): Promise<string> {
  const key = generateApiKey()
  await queries.deleteKeyOfAgent(ctx.db, accountOf(ctx), agentId)
  await queries.insertKey(ctx.db, accountOf(ctx), {
    id: newId('apiKey'),
    name: `Agent ${agentId}`.slice(0, MAX_NAME_LENGTH),
    preview: previewApiKey(key),
    keyHash: hashApiKey(key),
    scopes: ['models:write', 'wallet:spend'],
    expiresAt: null,
    rateLimit: null,
    spendLimitCents: null,
    allowedAddresses: null,
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
