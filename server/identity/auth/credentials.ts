/** What authentication needs of a request, whichever transport it came through. */
export interface Credentials {
  /** Whether the request's method must not change anything (GET, HEAD, OPTIONS). */
  isSafeMethod: boolean
  header(name: string): string | null
  ip: string
  requestId: string
  signal: AbortSignal
  startedAt: number
}
