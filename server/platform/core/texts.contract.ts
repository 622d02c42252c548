import { z } from 'zod'

/** Control characters, line ends, and what turns the direction of the text around it: in a name they make it look like another one. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u

/** Anything a reader sees. Joiners and variation selectors are fine between letters and emoji, but are nothing by themselves. */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u

/** Whether there is anything to be seen in the text. */
export const isVisible = (text: string): boolean => VISIBLE.test(text)

const noControls = 'expected a name without control characters'
const somethingToSee = 'expected at least one character that can be seen'

/** A name for people, without spaces around it: at least one character that can be seen, no control characters. */
export function nameText(maxLength: number, words = `expected 1 to ${maxLength} characters`): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, { error: words, abort: true })
    .max(maxLength, words)
    .refine((name) => !CONTROLS.test(name), noControls)
    .refine(isVisible, somethingToSee)
}

/** The same where an empty text means none. */
export const nameTextOrNone = (maxLength: number): z.ZodString =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((name) => !CONTROLS.test(name), noControls)
    .refine((name) => name === '' || isVisible(name), somethingToSee)

/** What is said to somebody, kept as it is: it has something to be seen in it. */
export const spokenText = (maxLength: number, words = `expected 1 to ${maxLength} characters`): z.ZodString =>
  z.string().min(1, { error: words, abort: true }).max(maxLength, words).refine(isVisible, somethingToSee)

/** How much JSON of any form is kept, in bytes once serialised, and in levels of lists and objects. */
export interface JsonBounds {
  maxBytes: number
  maxDepth: number
}

/** What is wrong with a value of any form; undefined when it is within its bounds. */
export function problemWithJson(value: unknown, { maxBytes, maxDepth }: JsonBounds): string | undefined {
  if (!isWithinDepth(value, maxDepth)) return `expected at most ${maxDepth} levels of lists and objects`
  const bytes = new TextEncoder().encode(JSON.stringify(value) ?? '').length
  return bytes > maxBytes ? `expected at most ${maxBytes} bytes once serialised` : undefined
}

/** An object of any keys, which is kept as it is. */
export const boundedJson = (bounds: JsonBounds) =>
  z.record(z.string(), z.unknown()).superRefine((value, check) => {
    const message = problemWithJson(value, bounds)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })

const isWithinDepth = (value: unknown, depth: number): boolean =>
  typeof value !== 'object' || value === null || (depth > 0 && Object.values(value).every((inner) => isWithinDepth(inner, depth - 1)))
