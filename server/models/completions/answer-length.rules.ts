import type { Delta } from '../wires/index.ts'

/** Characters a piece adds to what the model produced: what it says, thinks and calls. */
export const lengthOf = ({ content, tool_calls, reasoning_content, reasoning, refusal }: Delta): number =>
  sum([content, reasoning_content ?? reasoning, refusal].map((text) => (typeof text === 'string' ? text.length : 0))) +
  sum((tool_calls ?? []).map(({ function: called }) => (called?.name?.length ?? 0) + (called?.arguments?.length ?? 0)))

export const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)
