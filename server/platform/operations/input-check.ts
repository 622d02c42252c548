import type { z } from 'zod'
import { InvalidInput, MAX_PROBLEMS, type FieldProblem, listLimitsOf, type ListLimits, isStorableText } from '../core/index.ts'
import { describeIssue, problemsOf } from '../core/input-problems.contract.ts'

/** Most levels of lists and objects inside each other: what goes through an input recursively must not run out of stack. */
const MAX_INPUT_DEPTH = 100

/** Most items of all the lists a schema knows together: what Zod makes of a wrong item takes a thousand times its size. */
const MAX_INPUT_ITEMS = 20_000

/**
 * One look at an input before its schema looks at it, at a cost that only its size decides. It refuses
 * - texts a database cannot store: with a NUL character, or with half a surrogate pair. That gives a
 *   clear error that names the field, instead of a failed query; so does a key `__proto__`, which
 *   would be dropped without a word further on;
 * - numbers without an end, which would be stored as null;
 * - more than 100 levels of lists and objects;
 * - lists that are longer than the schema allows, without a look at their items.
 *
 * @throws InvalidInput
 */
export function checkInput(value: unknown, schema?: z.ZodType): void {
  new InputCheck().run(value, schema && listLimitsOf(schema))
}

/**
 * The input as its schema has it.
 *
 * @throws InvalidInput with every field that did not fit, by its path, and what was expected there.
 */
export function parseInput<I extends z.ZodType>(schema: I, input: unknown): z.output<I> {
  const { success, data, error } = schema.safeParse(input, { error: describeIssue })
  if (success) return data
  const problems = error.issues.flatMap(problemsOf)
  throw new InvalidInput(
    problems.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({ field: path.join('.'), message })),
    {
      count: problems.length,
    },
  )
}

class InputCheck {
  readonly #path: (string | number)[] = []
  readonly #problems: FieldProblem[] = []
  #count = 0
  #items = 0

  run(value: unknown, limits: ListLimits | undefined): void {
    this.#look(value, limits)
    if (this.#count > 0) throw new InvalidInput(this.#problems, { count: this.#count })
  }

  #look(value: unknown, limits: ListLimits | undefined): void {
    if (typeof value === 'string') {
      if (!isStorableText(value)) this.#note('expected well-formed text without NUL characters')
      return
    }
    // JSON can write numbers that are too large to be told from infinity, which it cannot write again.
    if (typeof value === 'number' && !Number.isFinite(value)) return this.#note('expected a number below 1.8e308, and above -1.8e308')
    if (typeof value !== 'object' || value === null) return
    if (this.#path.length >= MAX_INPUT_DEPTH) this.#note(`expected at most ${MAX_INPUT_DEPTH} levels of lists and objects`)
    else if (Array.isArray(value)) this.#lookAtList(value, limits)
    else this.#lookAtObject(value, limits)
  }

  #lookAtList(list: unknown[], limits: ListLimits | undefined): void {
    if (limits?.maxItems !== undefined) {
      this.#items += list.length
      if (list.length > limits.maxItems) return this.#note(`expected at most ${limits.maxItems} items`)
      if (this.#items > MAX_INPUT_ITEMS) return this.#note(`expected at most ${MAX_INPUT_ITEMS} items in all lists together`)
    }
    for (let index = 0; index < list.length; index++) this.#lookInside(index, list[index], limits?.items)
  }

  #lookAtObject(object: object, limits: ListLimits | undefined): void {
    for (const [key, inner] of Object.entries(object)) {
      if (isStorableText(key) && key !== '__proto__') this.#lookInside(key, inner, limits && (limits.fields.get(key) ?? limits.others))
      else this.#note(`expected another key than ${JSON.stringify(key)}`)
    }
  }

  #lookInside(step: string | number, value: unknown, limits: ListLimits | undefined): void {
    this.#path.push(step)
    this.#look(value, limits)
    this.#path.pop()
  }

  #note(message: string): void {
    this.#count += 1
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ field: this.#path.join('.'), message })
  }
}
