import type { Env } from '#server/platform/core/index.ts'
import type { Route } from '../catalogue/index.ts'

// Whatever a provider speaks, inside of this server a chat has the form of the OpenAI API: requests as its callers
// send them, answers as pieces of which a whole answer is one.

/** A chat to be completed. What is not named here is handed on to providers that speak the same form, as it is. */
export interface ChatRequest {
  model: string
  messages: readonly ChatRequestMessage[]
  [field: string]: unknown
}

export interface ChatRequestMessage {
  role: string
  content?: unknown
  [field: string]: unknown
}

/** What a provider says an answer took. Null where it does not say, or says something that is no count. */
export interface TokenCount {
  /** Those read from a cache, and written to one, included. */
  inputTokens: number | null
  outputTokens: number | null
  cacheReadTokens?: number
  cacheWriteTokens?: number
  /** Where it also says what it charges: billionths of a US dollar. */
  costNanoUsd?: number
  /** What else it says of it, in its own words, such as `completion_tokens_details`. */
  details?: Record<string, unknown>
}

/** What one choice of an answer goes on with. Texts follow on those before. */
export interface Delta {
  content?: string | null
  tool_calls?: ToolCallPiece[]
  [field: string]: unknown
}

/** A piece of the call of a tool. The first piece of a call names it; `arguments` follow on those before. */
export interface ToolCallPiece {
  /** Which call of its choice it belongs to, counted from 0. */
  index: number
  id?: string
  function?: { name?: string; arguments?: string; [field: string]: unknown }
  [field: string]: unknown
}

export interface ChoicePiece {
  index: number
  delta: Delta
  finish_reason: string | null
  [field: string]: unknown
}

/** A piece of an answer, with what else came beside its choices, such as `system_fingerprint`; or what the answer took. */
export type AnswerPart = { choices: ChoicePiece[]; head: AnswerHead } | { count: TokenCount }

/** What comes beside the choices. */
export interface AnswerHead {
  /** The provider's; left out when it gave none. */
  id?: string
  /** Unix time in seconds. */
  created?: number
  [field: string]: unknown
}

/** A chat to be completed at the end of a route. */
export interface ChatCall {
  env: Env
  route: Route
  request: ChatRequest
  /** Whether the provider is asked to send the answer bit by bit. What it does then is its affair: it is read either way. */
  isStream: boolean
  /** Aborting it closes the connection to the provider. */
  signal: AbortSignal
  /** Called for every sign of life, comments included. */
  onActivity(): void
  /** Called once the provider has said by which name it can be asked about the call later; few do. */
  onNamed?(generationId: string): void
}

/**
 * A way to speak to providers.
 *
 * @returns the answer in order, each piece as soon as it is here. An answer that ends early, or says nothing that can be
 * read, throws `UnusableAnswer` after what it did say; a refusal is an `UpstreamRefused`, also one in the middle of an answer.
 */
export type ChatWire = (call: ChatCall) => AsyncGenerator<AnswerPart>

/** The answer ended, but not as an answer does. `message` is the end of a sentence that begins with the model's name. */
export class UnusableAnswer extends Error {}

export const BROKE_OFF = 'broke off in the middle of its answer'
export const UNREADABLE = 'sent an answer that cannot be read'
