import { StripeProblem } from './problems.ts'

interface Answer {
  status: number
  answer: object
}

/** Keys and what was answered to them: the same request gets the same answer, another one with the same key is refused. */
export class IdempotentAnswers {
  readonly #known = new Map<string, { request: string; answer: Answer }>()

  /** @param request All of it, to tell whether it is the same. */
  async once(key: string | undefined, request: string, run: () => Answer): Promise<Answer & { isReplayed?: true }> {
    if (key === undefined) return run()
    if (key.length > 255) return refusal(400, 'invalid_request_error', 'Idempotency keys may be at most 255 characters.')
    const known = this.#known.get(key)
    if (known && known.request !== request)
      return refusal(
        400,
        'idempotency_error',
        `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      )
    if (known) return { ...known.answer, isReplayed: true }
    const answer = run()
    // What was refused before it began may be asked again in a better way.
    if (answer.status < 400 || answer.status >= 500) this.#known.set(key, { request, answer: structuredClone(answer) })
    return answer
  }
}

const refusal = (status: number, type: string, message: string): Answer => ({
  status,
  answer: new StripeProblem(status, type, message).body,
})
