import type { TextRequest } from '#server/models/completions/index.ts'

type Messages = TextRequest['messages']

const ALGORITHM_PROMPT = [
  'Work step by step.',
  'First say in one line what is asked and what is given.',
  'Then list numbered steps and carry them out one by one, checking each result before the next.',
  'End with the answer on a line of its own.',
].join(' ')

/** Puts the prompt for step-by-step work in front of a conversation that does not have it yet. */
export const withAlgorithmPrompt = (messages: Messages): Messages =>
  messages.some(({ role, content }) => role === 'system' && content.includes(ALGORITHM_PROMPT))
    ? messages
    : [{ role: 'system', content: ALGORITHM_PROMPT }, ...messages]
