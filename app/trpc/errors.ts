import { TRPCClientError } from '@trpc/client'
import type { AppRouter } from './router.ts'

export interface FieldProblem {
  field: string
  message: string
}

/** A failure in the words and with the facts a page shows. */
export interface DescribedError {
  message: string
  code: string
  requestId: string | undefined
  /** Problems with single fields of the input. */
  fields: FieldProblem[]
  /** Whether the same call may well work in a moment. */
  isTransient: boolean
  /** Of a sign-in that is half done: what its second step needs. */
  ticket?: string | undefined
}

const isApiError = (error: unknown): error is TRPCClientError<AppRouter> => error instanceof TRPCClientError

export function describeError(error: unknown): DescribedError {
  if (!isApiError(error))
    return { message: 'Something went wrong on this page. Reload it.', code: 'PAGE', requestId: undefined, fields: [], isTransient: false }
  const { data } = error
  if (!data)
    return {
      message: 'The server does not answer. Check your connection.',
      code: 'NO_ANSWER',
      requestId: undefined,
      fields: [],
      isTransient: true,
    }
  const { fields, ticket } = (data.details ?? {}) as { fields?: FieldProblem[]; ticket?: string }
  const single = fields ? undefined : problemIn(error.message)
  return {
    message: single?.message ?? error.message,
    code: data.appCode,
    requestId: data.requestId,
    fields: fields ?? (single ? [single] : []),
    isTransient: (data.httpStatus ?? 500) >= 500,
    ticket,
  }
}

/** A message that concerns one field begins with its name: `currentPassword: that is not …`. */
function problemIn(message: string): FieldProblem | undefined {
  const [, field, text] = /^([a-z][\w.]*): (.+)$/s.exec(message) ?? []
  return field && text ? { field, message: text } : undefined
}

const SIGNED_OUT = new Set(['UNAUTHENTICATED', 'INVALID_CREDENTIAL'])

/** Whether the call was refused because nobody is signed in (and not, say, because a password was wrong). */
export const isSignedOut = (error: unknown): boolean => isApiError(error) && SIGNED_OUT.has(describeError(error).code)

/** Whether somebody stopped the call on purpose. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (isApiError(error) && error.cause?.name === 'AbortError'))
