import { nanoUsdAsNumber } from '#server/platform/money/index.ts'
import type { TurnCall } from '#server/models/metering/index.ts'
import type { AgentConfig } from '#server/agents/definitions/agents.contract.ts'
import type { ChatEvent, ChatReply, ChatUsage } from './chat.contract.ts'

/** What the model is told of itself, in front of the conversation. */
export function systemPrompt(name: string, { instructions, memoryEnabled }: AgentConfig): string {
  const parts = [
    `You are ${name}, an AI agent.`,
    instructions?.trim(),
    memoryEnabled === false
      ? undefined
      : 'You have a memory that outlasts this conversation. Store facts worth keeping with the tool "remember", and look them up with "recall" or "list_memory" before you say that you do not know them.',
  ]
  return parts.filter(Boolean).join('\n\n')
}

const MEMORY_TOOLS = new Set(['remember', 'recall', 'list_memory', 'forget'])

/** The tools an agent may use: all of them, unless its configuration names some or switches memory off. */
export const offeredTools = <T extends Record<string, unknown>>(tools: T, { tools: allowed, memoryEnabled }: AgentConfig): T =>
  Object.fromEntries(
    Object.entries(tools).filter(([name]) => (!allowed || allowed.includes(name)) && (memoryEnabled !== false || !MEMORY_TOOLS.has(name))),
  ) as T

/** What is known of the model calls of one answer. */
export type MeteredCall = Pick<TurnCall, 'inputTokens' | 'outputTokens' | 'costNanoUsd' | 'isEstimated'> & { outcome: string }

/** A call that failed before anything was said took nothing; the usage figures leave it out as well. */
const hasProduced = ({ outcome, inputTokens }: Pick<MeteredCall, 'outcome' | 'inputTokens'>): boolean =>
  outcome === 'ok' || inputTokens !== null

/**
 * Sums over the model calls of one answer: of tokens null as soon as a provider did not say, as a conversation that is partly
 * counted says little; of money what is known, with how many calls that leaves out, as the usage figures have it.
 */
export function summarizeUsage(all: MeteredCall[]): ChatUsage {
  const calls = all.filter(hasProduced)
  const sum = (key: 'inputTokens' | 'outputTokens') =>
    calls.reduce<number | null>((total, call) => (total === null || call[key] === null ? null : total + call[key]), 0)
  const prices = calls.map(({ costNanoUsd }) => costNanoUsd).filter((cost) => cost !== null)
  const unpricedCalls = calls.length - prices.length
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    modelCalls: all.length,
    estimatedCalls: calls.filter(({ isEstimated }) => isEstimated).length,
    cost: unpricedCalls > 0 && prices.length === 0 ? null : nanoUsdAsNumber(prices.reduce((total, cost) => total + cost, 0)),
    unpricedCalls,
  }
}

/** The whole cost of an answer in billionths of a US dollar; null when it is known only in part. */
export const wholeCostOf = (calls: Pick<MeteredCall, 'outcome' | 'inputTokens' | 'costNanoUsd'>[]): number | null =>
  calls
    .filter(hasProduced)
    .reduce<number | null>((total, { costNanoUsd }) => (total === null || costNanoUsd === null ? null : total + costNanoUsd), 0)

/** The events of an answer that is there already. */
export const eventsOf = (reply: ChatReply): ChatEvent[] => [
  { type: 'start', id: reply.id, agentId: reply.agentId, sessionId: reply.sessionId },
  ...(reply.reply === '' ? [] : [{ type: 'delta' as const, text: reply.reply }]),
  { type: 'done', ...reply },
]

/** How a stream is told again that was done before. */
export const repeatedAnswer = {
  isLast: ({ type }: ChatEvent): boolean => type === 'done',
  events: (last: ChatEvent): ChatEvent[] => (last.type === 'done' ? eventsOf(last) : []),
}
