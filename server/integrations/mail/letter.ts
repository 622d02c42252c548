/** What a mail says. Its plain text and its HTML are both made from this. */
export interface Letter {
  subject: string
  /** In order. Nothing in them is markup. */
  parts: readonly LetterPart[]
}

/** A paragraph; something to follow; or names with their values, such as where a sign-in came from. */
export type LetterPart = string | { link: string; label: string } | { facts: readonly (readonly [name: string, value: string])[] }

/** Where a mail goes. A text with both in it would be parsed, and could name more than one. */
export interface Recipient {
  /** Empty where it is not known to be theirs: whoever registers chooses it. */
  name: string
  address: string
}
