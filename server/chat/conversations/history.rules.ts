/** One message of a conversation, as a model is sent it. */
export type Spoken = { role: 'user' | 'assistant'; content: string }

/** Stands for a message to be answered that has no words: models refuse empty ones. */
export const WITHOUT_WORDS = '(a message without words)'

/**
 * Makes of stored messages a conversation that every provider takes: it begins with the user, user and assistant
 * alternate, nothing is empty, and the message to be answered comes last and whole. Limits cut conversations
 * anywhere, and messages whose turn failed have no answer, so the messages themselves are none.
 *
 * - Of several messages of one side in a row nothing is dropped: they become one, with a blank line between.
 * - Answers whose message was cut off are dropped.
 *
 * @param said Oldest first; the last one is to be answered.
 * @param maxCharacters Of what comes before it; the oldest go first.
 */
export function toConversation(said: readonly Spoken[], maxCharacters: number): Spoken[] {
  const asked = said.at(-1)
  if (!asked) return []
  const earlier = lastWithin(said.slice(0, -1), maxCharacters).filter(hasWords)
  const begin = earlier.findIndex(({ role }) => role === 'user')
  const last = hasWords(asked) ? asked : { ...asked, content: WITHOUT_WORDS }
  const conversation: Spoken[] = []
  for (const { role, content } of [...(begin < 0 ? [] : earlier.slice(begin)), last]) {
    const before = conversation.at(-1)
    if (before?.role === role) before.content += `\n\n${content}`
    else conversation.push({ role, content })
  }
  return conversation
}

const hasWords = ({ content }: Spoken): boolean => content.trim() !== ''

/** The last of them that have so many characters together, without gaps. */
function lastWithin(said: readonly Spoken[], maxCharacters: number): Spoken[] {
  let characters = 0
  const firstTooMuch = said.findLastIndex(({ content }) => (characters += content.length) > maxCharacters)
  return said.slice(firstTooMuch + 1)
}
