/** An answer of Stripe that is an error, as its API writes it. */
export class StripeProblem extends Error {
  readonly status: number
  readonly type: string
  readonly details: Record<string, unknown>

  constructor(status: number, type: string, message: string, details: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.type = type
    this.details = details
  }

  get body() {
    return { error: { type: this.type, message: this.message, ...this.details } }
  }
}

export const noSuch = (what: string, id: string): StripeProblem =>
  new StripeProblem(404, 'invalid_request_error', `No such ${what}: '${id}'`, { code: 'resource_missing', param: 'id' })

export const invalid = (message: string, details: Record<string, unknown> = {}): StripeProblem =>
  new StripeProblem(400, 'invalid_request_error', message, details)
