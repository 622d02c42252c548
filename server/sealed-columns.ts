import { sealedConfigs, sealedCredentials } from './agents/definitions/index.ts'
import { sealedForRuntime } from './agents/runtime/index.ts'
import { PASSWORD_RESET } from './identity/mailbox/index.ts'
import { sealedFactors } from './identity/second-factor/index.ts'
import { MAIL } from './integrations/mail/index.ts'
import { sealedProviderKeys } from './models/catalogue/index.ts'
import { sealedChainKeys } from './money/transfers/index.ts'
import { sealedCheck } from './platform/host/index.ts'
import { sealedAnswers } from './platform/operations/index.ts'
import type { SealedColumn } from './platform/rotation/index.ts'

/** Jobs that have something sealed name their own type as what it is for. */
const jobsWithBoxes: readonly string[] = [MAIL, PASSWORD_RESET]

/** Every column in which something is sealed. What is missing here can no longer be read once an earlier secret is taken away. */
export const sealedColumns: readonly SealedColumn[] = [
  sealedFactors,
  sealedChainKeys,
  sealedProviderKeys,
  sealedCredentials,
  ...sealedConfigs,
  ...sealedForRuntime,
  sealedAnswers,
  { table: 'jobs', column: 'payload', purpose: ({ type }) => jobsWithBoxes.find((name) => name === type) ?? 'nothing' },
  sealedCheck,
]
