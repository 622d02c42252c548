/** What authentication needs of a request, whichever transport it came through. */
export interface Credentials {
  /** Whether the request's method must not change anything (GET, HEAD, OPTIONS). */
  isSafeMethod: boolean
  header(name: string): string | null
  ip: string
  /** Id of the workspace the call is to be made in; null to leave that to the credential. */
  workspace: string | null
  requestId: string
  signal: AbortSignal
  startedAt: number
}
