import { getEntitlements } from '#server/money/billing/billing.service.ts'
import { storageBytesOf } from '#server/money/billing/plans.ts'
import { accountOf, type AccountContext } from '#server/platform/core/context.ts'
import { sumBytes } from './files.queries.ts'

/** How much of the storage of its plan the account's files take. */
export interface StorageUse {
  usedBytes: number
  limitBytes: number
}

export const getStorageUse = async (ctx: AccountContext): Promise<StorageUse> => ({
  usedBytes: await sumBytes(ctx.db, accountOf(ctx)),
  limitBytes: storageBytesOf(getEntitlements(ctx).plan),
})
