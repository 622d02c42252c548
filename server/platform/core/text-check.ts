/** Whether a database can store the text: it has no NUL character and no half of a surrogate pair. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** At most so many of the first UTF-16 code units of a text, and one less where that would cut a character in two. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  const isWithin = (text.codePointAt(max - 1) ?? 0) > 0xffff
  return text.slice(0, isWithin ? max - 1 : max)
}

/** The text without what a database cannot store; for text that no caller can correct, such as a model's. */
export const toStorableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()
