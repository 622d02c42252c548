/** The kinds of task a caller can name, and the tags a model for it has. An unknown task counts as `general`. */
export const taskTags: Record<string, readonly string[]> = {
  general: ['general', 'balanced'],
  coding: ['coding', 'logic'],
  analysis: ['analysis'],
  creative: ['creative'],
  long: ['long-context'],
}

/** From this many tokens on a context counts as long. */
const LONG_CONTEXT = 200_000

const words: [tag: string, pattern: RegExp][] = [
  ['coding', /\b(cod(e|er|ing)|program(s|ming)?|software|developer|swe-bench)\b/i],
  ['logic', /\b(reason(s|ing)?|thinking|math(s|ematics)?|logic(al)?)\b/i],
  ['analysis', /\b(analy(sis|ses|ze|tical)|research|document understanding)\b/i],
  ['creative', /\b(creative|storytelling|role-?play(ing)?|fiction|writing)\b/i],
  ['fast', /\b(fast|quick|low[- ]latency|flash|instant|lightweight)\b/i],
]

/** Tags of a model nobody described by hand, from what its provider says of it. */
export function tagsFrom({ text, contextWindow, isVision }: { text: string; contextWindow: number | null; isVision?: boolean }): string[] {
  const found = words.filter(([, pattern]) => pattern.test(text)).map(([tag]) => tag)
  return [
    ...(found.some((tag) => tag !== 'fast') ? [] : ['general']),
    ...found,
    ...(contextWindow !== null && contextWindow >= LONG_CONTEXT ? ['long-context'] : []),
    ...(isVision ? ['vision'] : []),
  ]
}
