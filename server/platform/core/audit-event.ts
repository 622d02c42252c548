/** The chain of what belongs to no workspace: what operators do, and sign-ins of nobody who is known. */
export const SERVER_CHAIN = 'server'

/** How it ended: done, refused to who asked, or not done for another reason. */
export type AuditOutcome = 'success' | 'denied' | 'failed'

/** Who did it. The name is the one they had then. */
export interface AuditActor {
  /** `admin` is somebody who operates the server, at work on it; `nobody` has not said who they are. */
  type: 'user' | 'key' | 'job' | 'admin' | 'nobody'
  id: string | null
  name: string | null
}

/** What it was done to. */
export interface AuditTarget {
  /** Such as `agent`, `key` or `user`. */
  type: string
  id: string
  name?: string | undefined
}

/** From where it came; of a session only its public id. */
export interface AuditContext {
  ip?: string | undefined
  userAgent?: string | undefined
  requestId: string
  sessionId?: string | undefined
}

/** Values that may be known to everybody who may read the log. */
export type AuditValue = string | number | boolean | null | AuditValue[]

/** What was changed, by field: empty where only that it was is told. */
export type AuditChanges = Record<string, { before?: AuditValue; after?: AuditValue }>

/** One entry of the log, before it has its place there. */
export interface AuditEvent {
  /** The workspace in whose log it is, or `SERVER_CHAIN`. */
  accountId: string
  /** Name of the operation. */
  action: string
  outcome: AuditOutcome
  /** Code of the error it ended with. */
  code: string | null
  actor: AuditActor
  targets: readonly AuditTarget[]
  context: AuditContext
  changes: AuditChanges | null
}

/** What a service tells the log of a call that the call itself does not say. */
export interface AuditNotes {
  /** In whose log it belongs, where that is not the workspace the call is made in. */
  accountId?: string
  /** Workspaces in whose logs it belongs besides; with what it was done to there, where they are not to see the whole. */
  alsoIn?: readonly { accountId: string; targets?: readonly AuditTarget[] }[]
  /** Who did it, where the call began with nobody signed in. */
  actor?: AuditActor
  /** In place of what the operation's input and output name. */
  targets?: readonly AuditTarget[]
  /** Besides the fields that the operation declares. */
  changes?: AuditChanges
}
