import type { Env } from '#server/platform/core/index.ts'
import type { ChatCompletion, ChatCompletionChunk, ChatCompletionRequest } from './completions.contract.ts'
import type { Route } from '../catalogue/index.ts'

/** What a provider says an answer took. */
export interface TokenCount {
  /** Null where it does not say. */
  inputTokens: number | null
  outputTokens: number | null
  /** Where it also says what it charges: billionths of a US dollar. */
  costNanoUsd?: number
}

/** An answer in one piece. */
export interface WholeAnswer {
  id: string
  /** Unix time in seconds. */
  created: number
  choices: ChatCompletion['choices']
  count: TokenCount
}

/** A piece of an answer, or, once at its end, what it took. */
export type AnswerPart = { chunk: Pick<ChatCompletionChunk, 'id' | 'created' | 'choices'> } | { count: TokenCount }

/** A chat to be completed at the end of a route. */
export interface ChatCall {
  env: Env
  route: Route
  request: ChatCompletionRequest
  /** Aborting it closes the connection to the provider. */
  signal: AbortSignal
}

/**
 * A way to speak to providers. What goes wrong is thrown as it comes, for `readFailure` to put into
 * words; a stream that ends early throws `UnusableAnswer`.
 */
export interface ChatAdapter {
  complete(call: ChatCall): Promise<WholeAnswer>
  stream(call: ChatCall): AsyncGenerator<AnswerPart>
}
