import { accounts } from './accounts/accounts.operations.ts'
import { agents } from './agents/agents.operations.ts'
import { ai } from './ai/ai.operations.ts'
import { billing } from './billing/billing.operations.ts'
import { chat } from './chat/chat.operations.ts'
import { conversations } from './conversations/conversations.operations.ts'
import { files } from './files/files.operations.ts'
import { gateway } from './gateway/gateway.operations.ts'
import { instances } from './instances/instances.operations.ts'
import { jobs } from './jobs/jobs.operations.ts'
import { keys } from './keys/keys.operations.ts'
import { memory } from './memory/memory.operations.ts'
import { metrics } from './metrics/metrics.operations.ts'
import { openai } from './openai/openai.operations.ts'
import { passkeys } from './passkeys/passkeys.operations.ts'
import { payments } from './payments/payments.operations.ts'
import { schedules } from './schedules/schedules.operations.ts'
import { system } from './system/system.operations.ts'
import { usage } from './usage/usage.operations.ts'
import { verification } from './verification/verification.operations.ts'

/** Everything a caller can do, by domain. All three doors are made from this. */
export const operations = {
  accounts,
  agents,
  ai,
  billing,
  chat,
  conversations,
  files,
  gateway,
  instances,
  jobs,
  keys,
  memory,
  metrics,
  openai,
  passkeys,
  payments,
  schedules,
  system,
  usage,
  verification,
}
