import type { RestBinding } from './rest.ts'

/** An operation's input as a REST caller sends it. */
export interface WrittenRequest {
  /** By their names in documents, where a last `*` has the name of the field it stands for. */
  params: Record<string, string>
  query: Record<string, unknown>
  /** Undefined for calls that have none. */
  body: unknown
  headers?: Record<string, string>
}

/** Whether what a caller sends is in the body; DELETE has one only where the binding says so. */
export const hasBody = (method: string, { document }: RestBinding): boolean =>
  method !== 'GET' && (method !== 'DELETE' || document?.body !== undefined)

/**
 * Writes an input of an operation as the call that `readInput` reads it from.
 *
 * @param path As in `/api/agents/:id` or `/v1/models/*`.
 * @param action What the field `action` says, where several operations share the path.
 */
export function writeRequest(method: string, path: string, binding: RestBinding, input: object, action?: string): WrittenRequest {
  const rest: Record<string, unknown> = { ...(action ? { action } : {}), ...input }
  const params: Record<string, string> = {}
  for (const [, name] of path.matchAll(/:(\w+)|\*$/g)) {
    const field = binding.params?.[name ?? '*'] ?? name!
    params[name ?? field] = String(rest[field])
    delete rest[field]
  }
  if (!hasBody(method, binding)) return { params, query: rest, body: undefined }
  const headers = binding.requestHeadersOf ? { headers: binding.requestHeadersOf(input) } : {}
  return { params, query: {}, body: binding.bodyOf ? binding.bodyOf(input) : rest, ...headers }
}
