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
  unprocessable: 'invalid_request_error',
  rate_limited: 'rate_limit_error',
}

interface UpstreamWords {
  upstreamCode?: string
  upstreamType?: string
  upstreamParam?: string
}

const quotas = new Set(['DAILY_UNITS_USED', 'QUOTA_EXCEEDED', 'SPEND_LIMIT_REACHED', 'BUDGET_REACHED'])

/** A failure as clients of the OpenAI API read it; what a provider said is told in its own words, which they know. */
export function toOpenAiError(error: AppError) {
  const { fields, upstreamCode, upstreamType, upstreamParam, ...details } = error.details as UpstreamWords & { fields?: FieldProblem[] }
  const type = upstreamType ?? (quotas.has(error.code) ? 'insufficient_quota' : (types[error.kind] ?? 'server_error'))
  const param = upstreamParam ?? (fields?.[0]?.field || null)
  return { error: { ...details, ...(fields ? { fields } : {}), message: error.message, type, code: upstreamCode ?? error.code, param } }
}
