import { accounts } from './accounts/accounts.operations.ts'
import { agents } from './agents/agents.operations.ts'
import { ai } from './ai/ai.operations.ts'
import { billing } from './billing/billing.operations.ts'
import { chat } from './chat/chat.operations.ts'
import { conversations } from './conversations/conversations.operations.ts'
import { gateway } from './gateway/gateway.operations.ts'
import { keys } from './keys/keys.operations.ts'
import { memory } from './memory/memory.operations.ts'
import { openai } from './openai/openai.operations.ts'
import { payments } from './payments/payments.operations.ts'
import { system } from './system/system.operations.ts'
import { usage } from './usage/usage.operations.ts'

/** Everything a caller can do, by domain. All three doors are made from this. */
export const operations = { accounts, agents, ai, billing, chat, conversations, gateway, keys, memory, openai, payments, system, usage }
