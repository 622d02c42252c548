import { getEntitlements } from '../billing/billing.service.ts'
import { storageBytesOf } from '../billing/plans.ts'
import { accountOf, type AccountContext } from '../core/context.ts'
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
