import type { Databases, Db } from '#db/client.ts'
import type { AuditNotes } from './audit-event.ts'
import type { Env } from './env.ts'
import { Forbidden } from './errors.ts'
import type { Logger } from './log.ts'
import type { Bucket, RateLimits, RateLimitState } from './rate-limits.ts'
import { scopesOfRole, type Role } from './roles.contract.ts'
import { keyScopes, type Scope } from './scopes.contract.ts'
import type { Secrets } from './secrets.ts'

declare const accountBrand: unique symbol
/** Id of the tenant, a workspace. Only `server/identity` makes one, from a credential it has checked. */
export type AccountId = string & { readonly [accountBrand]: true }

declare const userBrand: unique symbol
/** Id of a person. Only `server/identity` makes one, from a credential it has checked. */
export type UserId = string & { readonly [userBrand]: true }

/** Facts of the workspace a call is made in, read together with its credential. */
export interface ActorAccount {
  id: AccountId
  kind: 'personal' | 'team'
  /** Whose personal workspace it is; null for a team. */
  ownerId: UserId | null
  /** Where its owner can be reached; null where that is not known. */
  email: string | null
  name: string
  plan: string
  subscriptionStatus: string
  trialEndsAt: string | null
  /** ISO 8601: a plan whose last payment failed holds until then; null where none did. */
  graceEndsAt: string | null
  /** Room for files that was bought besides the plan. */
  extraStorageGb: number
  /** Whether it is the personal workspace of somebody who operates this server. */
  isAdmin: boolean
  /** The subscription on file at Stripe. */
  stripeSubscriptionId: string | null
  /** ISO 8601. */
  createdAt: string
}

/** The person who is signed in. */
export interface ActorUser {
  id: UserId
  /** Null for who signed in without one, such as with a wallet. */
  email: string | null
  isEmailVerified: boolean
  name: string
  /** Whether they operate this server: their address is in `ADMIN_EMAILS`, and verified. */
  isAdmin: boolean
  personalAccountId: AccountId
}

/** How long ago somebody may have proved who they are, for what a session left open must not be able to do. */
export const FRESH_SECONDS = 15 * 60

/** How somebody signed in. */
export type SignInMethod = 'password' | 'wallet' | 'passkey' | 'oauth' | 'farcaster'

/** A session, as calls that come with its cookie see it. */
export interface ActorSession {
  /** What the cookie holds; a secret. */
  token: string
  /** Its id, which says nothing about the cookie. */
  id: string
  method: SignInMethod
  /** ISO 8601: when they last proved who they are. */
  authenticatedAt: string
  hasSecondFactor: boolean
}

/** Who calls. `invalid` sent a credential that is not (or no longer) good. */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'invalid'; reason: string }
  | { kind: 'session'; account: ActorAccount; user: ActorUser; role: Role; session: ActorSession }
  /** The server itself, for an account: work that nobody waits for. */
  | { kind: 'job'; account: ActorAccount }
  | {
      kind: 'key'
      account: ActorAccount
      keyId: string
      scopes: readonly string[] | null
      rateLimit: number | null
      /** The agent the key was made for, which calls models with it; null for the keys people make. */
      agentId: string | null
      /** Who made it; null for the keys of agents, and where that is not known any more. */
      createdBy: UserId | null
      /** Most its model calls may cost in a month, in US cents; null for no limit. */
      spendLimitCents: number | null
    }

export type AccountActor = Extract<Actor, { account: ActorAccount }>
export type SessionActor = Extract<Actor, { kind: 'session' }>

/** What an operation wants the transport to add to its answer. */
export interface Reply {
  cookies: string[]
  headers: Record<string, string>
  rateLimit?: RateLimitState
}

/** The parts of a server that live as long as it does. */
export interface Platform {
  env: Env
  log: Logger
  databases: Databases
  secrets: Secrets
  rateLimits: RateLimits
  /** Which of the servers of the database this one is; another one after each start. */
  serverId: string
  /** Aborted when the server is told to stop: it takes no new calls, and calls that run have a grace to finish. */
  stopping: AbortSignal
  /** Aborted when that grace is over: everything that still runs ends. */
  shutdown: AbortSignal
  /** The published OpenAPI document. */
  openapi: Record<string, unknown>
  version: string
  /** Has something done when the server stops, before the database is closed. */
  beforeClose(work: () => Promise<void>): void
}

/** One try of a call with an `Idempotency-Key`, which may have been made before and not come to its end. */
export interface Attempt {
  /** Id of what an earlier try stored: this one goes on with it. */
  readonly stored: string | undefined
  /**
   * Writes down what the call stores, in the transaction that stores it, so that it is stored once however often the
   * call is made.
   *
   * @param things The id of it, then ids of what it belongs to.
   * @throws IdempotentCallRunning when another try of the call has taken over.
   */
  note(db: Db, ...things: [string, ...string[]]): Promise<void>
}

/** One call: who makes it, what it may touch, and when it has to end. */
export interface Context {
  platform: Platform
  requestId: string
  actor: Actor
  /** Whether it came by a method that must not change anything, such as GET (RFC 9110, section 9.2.1). */
  isSafeMethod: boolean
  /** Rows of the caller's account, and nothing else. A transaction inside a mutation. */
  db: Db
  log: Logger
  /** Aborted when the caller has gone away. */
  signal: AbortSignal
  ip: string
  /** Whether a browser says that it makes the call for a page. Any program can keep that to itself. */
  isFromBrowser?: boolean
  /** What the caller's program calls itself. */
  userAgent: string | null
  /** When the request arrived, by `performance.now()`. */
  startedAt: number
  idempotencyKey?: string
  attempt?: Attempt
  /** Writes down that the API key which calls was used. */
  noteUse?(): Promise<void>
  /** Tokens of the session cookies that were sent, whoever calls. */
  sessionTokens?: readonly string[]
  /** Of a stream that is taken up after its connection broke: the last event the caller got. */
  lastEventId?: string
  /** Of a call that was paid by itself: the account that has it among its usage. Its plan and its limits have nothing to do with it. */
  prepaidFor?: AccountId
  /** What the audit log is told of the call; see `noteAudit`. */
  auditNotes?: AuditNotes
  /** The rate limit bucket the call was counted in already. */
  countedIn?: Bucket
  reply: Reply
}

/** A call by somebody with an account. */
export interface AccountContext extends Context {
  actor: AccountActor
}

/** A call by somebody who is signed in. */
export interface SessionContext extends AccountContext {
  actor: SessionActor
}

/** The id of the workspace the call is made in. */
export const accountOf = (ctx: AccountContext): AccountId => ctx.actor.account.id

/** Whether somebody with an account makes the call. */
export const hasAccount = (ctx: Context): ctx is AccountContext => 'account' in ctx.actor

/**
 * The person a call is about where it is about one: who is signed in, or whose personal workspace a key is of.
 *
 * @throws PersonRequired for a key of a team, which nobody in particular is behind.
 */
export function userOf({ actor }: AccountContext): UserId {
  const userId = actor.kind === 'session' ? actor.user.id : actor.account.ownerId
  if (userId === null) throw new PersonRequired()
  return userId
}

class PersonRequired extends Forbidden {
  constructor() {
    super('PERSON_REQUIRED', 'This is about one person, and the API key belongs to a team. Sign in instead.')
  }
}

/** Who is counted, and whose repeated calls belong together: a person with their sessions and keys, or a key of a team. */
export function callerIdOf(actor: AccountActor): string {
  if (actor.kind === 'session') return actor.user.id
  return actor.account.ownerId ?? (actor.kind === 'key' ? actor.keyId : actor.account.id)
}

/** Whether the caller operates this server. */
export const isOperator = (actor: AccountActor): boolean => (actor.kind === 'session' ? actor.user.isAdmin : actor.account.isAdmin)

/** Whether the caller may do what the scope stands for, by their role or the scopes of their key. */
export function hasScope(actor: AccountActor, scope: Scope): boolean {
  if (actor.kind === 'job') return true
  const granted = actor.kind === 'session' ? scopesOfRole[actor.role] : (actor.scopes ?? keyScopes)
  return granted.some((one) => one === scope)
}
