import type { AppError, ErrorKind, FieldProblem } from '#server/platform/core/index.ts'

const types: Partial<Record<ErrorKind, string>> = {
  invalid_input: 'invalid_request_error',
  not_found: 'invalid_request_error',
  too_large: 'invalid_request_error',
  unsupported_media: 'invalid_request_error',
  method_not_allowed: 'invalid_request_error',
  conflict: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  payment_required: 'insufficient_quota',
  forbidden: 'permission_error',
  rate_limited: 'rate_limit_error',
}

const quotas = new Set(['QUOTA_EXCEEDED', 'SPEND_LIMIT_REACHED'])

/** A failure as clients of the OpenAI API read it. */
export function toOpenAiError(error: AppError) {
  const { fields } = error.details as { fields?: FieldProblem[] }
  const type = quotas.has(error.code) ? 'insufficient_quota' : (types[error.kind] ?? 'server_error')
  return { error: { ...error.details, message: error.message, type, code: error.code, param: fields?.[0]?.field || null } }
}
