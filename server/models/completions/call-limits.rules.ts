import type { ProviderName } from '../catalogue/index.ts'
import type { ChatRequest } from '../wires/index.ts'
import type { Charge, Work } from './charge.ts'
import { estimateInput } from './worst-case.rules.ts'

/** An answer shorter than that is none. */
const LEAST_OUTPUT = 64

const limitFields = ['max_completion_tokens', 'max_tokens'] as const

/** Which field of a request limits its answer. OpenAI's newer models refuse the older name, which everybody else knows. */
export const limitFieldOf = (provider: ProviderName): (typeof limitFields)[number] =>
  provider === 'openai' ? 'max_completion_tokens' : 'max_tokens'

/** How many answers are asked for. */
const choicesOf = ({ n }: ChatRequest): number => (typeof n === 'number' && n > 1 ? Math.floor(n) : 1)

/** What a chat is about to take of budgets. */
export function workOf(request: ChatRequest): Work {
  const choices = choicesOf(request)
  const asked = limitFields.map((field) => request[field]).find((value) => typeof value === 'number' && value > 0) as number | undefined
  return {
    input: estimateInput(request),
    output: asked === undefined ? undefined : asked * choices,
    leastOutput: LEAST_OUTPUT * choices,
  }
}

/** The chat as budgets allow it: where they do not cover all it may take, its answer has an end. */
export function withinBudget<R extends ChatRequest>(request: R, provider: ProviderName, charge: Charge | undefined): R {
  if (charge?.limit === undefined) return request
  const field = limitFields.find((name) => typeof request[name] === 'number') ?? limitFieldOf(provider)
  return { ...request, [field]: Math.floor(charge.limit / choicesOf(request)) }
}
