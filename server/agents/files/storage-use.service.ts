import { getEntitlements, storageBytesOf } from '#server/money/billing/index.ts'
import { accountOf, type AccountContext } from '#server/platform/core/index.ts'
import { sumBytes } from './files.queries.ts'

/** How much of the storage of its plan the account's files take. */
export interface StorageUse {
  usedBytes: number
  limitBytes: number
}

export const getStorageUse = async (ctx: AccountContext): Promise<StorageUse> => ({
  usedBytes: await sumBytes(ctx.db, accountOf(ctx)),
  limitBytes: storageBytesOf(getEntitlements(ctx).plan, ctx.actor.account.extraStorageGb),
})
