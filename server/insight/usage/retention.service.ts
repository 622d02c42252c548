import type { Platform } from '#server/platform/core/index.ts'
import { deleteUsageOlderThan } from './usage.queries.ts'

/** Removes single model calls and uses of tools that are older than the operator says. */
export const forgetOldUsage = (platform: Platform): Promise<void> => deleteUsageOlderThan(platform, platform.env.USAGE_RETENTION_DAYS)
