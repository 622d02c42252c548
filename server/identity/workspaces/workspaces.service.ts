import type { Db } from '#db/client.ts'
import { TRIAL_DAYS } from '#server/money/billing/index.ts'
import { randomSuffix } from '#server/platform/core/index.ts'
import * as queries from './workspaces.queries.ts'

/** Makes the workspace of a person who is being made, with its trial. It has no member yet. */
export const createPersonalWorkspace = (systemDb: Db, id: string, name: string) =>
  queries.insertWorkspace(systemDb, { id, kind: 'personal', name, referralCode: newReferralCode(), trialDays: TRIAL_DAYS })

const newReferralCode = (): string => randomSuffix(8).toUpperCase()
