import { toUsd } from '#server/models/completions/index.ts'
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

/** Sum over the model calls of one answer; null as soon as a provider did not say. */
export function summarizeUsage(calls: Pick<TurnCall, 'inputTokens' | 'outputTokens' | 'costNanoUsd'>[]): ChatUsage {
  const sum = (key: 'inputTokens' | 'outputTokens' | 'costNanoUsd') =>
    calls.reduce<number | null>((total, call) => (total === null || call[key] === null ? null : total + call[key]), 0)
  const costNanoUsd = sum('costNanoUsd')
  return {
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    modelCalls: calls.length,
    cost: costNanoUsd === null ? null : toUsd(costNanoUsd),
  }
}

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
