import type { AccountContext, UserId } from '#server/platform/core/index.ts'
import { getApiKey } from '#server/identity/keys/index.ts'

/** Has work that is done later count as the spending of the key it was asked for with. @throws ApiKeyNotFound when it was deleted meanwhile. */
export async function withKey(ctx: AccountContext, keyId: string): Promise<AccountContext> {
  const { scopes, spendLimitCents, createdBy } = await getApiKey(ctx, { keyId })
  const { account } = ctx.actor
  return {
    ...ctx,
    actor: {
      kind: 'key',
      account,
      keyId,
      scopes,
      rateLimit: null,
      agentId: null,
      createdBy: (createdBy?.id ?? null) as UserId | null,
      spendLimitCents,
    },
  }
}
