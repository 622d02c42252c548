import type { Route } from '../catalogue/index.ts'
import { chatWire } from './chat-wire.ts'
import { localWire } from './local-wire.ts'
import { messagesWire } from './messages-wire.ts'
import type { ChatWire } from './wire.ts'

/** How the provider at the end of a route is spoken to. */
export function wireOf({ provider }: Route): ChatWire {
  if (provider === 'local') return localWire
  return provider === 'anthropic' ? messagesWire : chatWire
}

export { readChatStream } from './chat-wire.ts'
export { type BookedCount, canBeAsked, lookUpCall } from './call-lookup.ts'
export { saysSomething } from './chat-answer.rules.ts'
export { type Refusal, UpstreamRefused } from './refusal.ts'
export { type UpstreamAnswer, postJson, postOpenAi, readAnswer, speaksOpenAi } from './upstream.ts'
export { laterCount, readUsage } from './usage.rules.ts'
export { AnswerCollector, type WholeChoice } from './whole-answer.ts'
export {
  type AnswerHead,
  type AnswerPart,
  type ChatRequest,
  type ChatRequestMessage,
  type ChoicePiece,
  type Delta,
  type TokenCount,
  type ToolCallPiece,
  UnusableAnswer,
} from './wire.ts'
