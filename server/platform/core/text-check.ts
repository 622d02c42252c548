/** Whether a database can store the text: it has no NUL character and no half of a surrogate pair. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** The text without what a database cannot store; for text that no caller can correct, such as a model's. */
export const toStorableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()
