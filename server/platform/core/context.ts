import type { Databases, Db } from '#db/client.ts'
import type { Env } from './env.ts'
import type { Logger } from './log.ts'
import type { Bucket, RateLimits, RateLimitState } from './rate-limits.ts'
import type { Scope } from './scopes.contract.ts'
import type { Secrets } from './secrets.ts'

declare const accountBrand: unique symbol
/** Id of the tenant. Only `server/auth` makes one, from a credential it has checked. */
export type AccountId = string & { readonly [accountBrand]: true }

/** Facts of the account that calls, read together with its credential. */
export interface ActorAccount {
  id: AccountId
  email: string
  name: string
  plan: string
  subscriptionStatus: string
  trialEndsAt: string | null
  isAdmin: boolean
  /** The subscription on file at Stripe. */
  stripeSubscriptionId: string | null
  /** ISO 8601. */
  createdAt: string
}

/** Who calls. `invalid` sent a credential that is not (or no longer) good. */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'invalid'; reason: string }
  | { kind: 'session'; account: ActorAccount; sessionId: string }
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
      /** Most its model calls may cost in a month, in US cents; null for no limit. */
      spendLimitCents: number | null
    }

export type AccountActor = Extract<Actor, { account: ActorAccount }>

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
  /** The rate limit bucket the call was counted in already. */
  countedIn?: Bucket
  reply: Reply
}

/** A call by somebody with an account. */
export interface AccountContext extends Context {
  actor: AccountActor
}

/** The id of the account that calls. */
export const accountOf = (ctx: AccountContext): AccountId => ctx.actor.account.id

/** Whether somebody with an account makes the call. */
export const hasAccount = (ctx: Context): ctx is AccountContext => 'account' in ctx.actor

/** Whether the caller may do what the scope stands for: everybody may but a key that is limited to other scopes. */
export const hasScope = (actor: AccountActor, scope: Scope): boolean =>
  actor.kind !== 'key' || actor.scopes === null || actor.scopes.includes(scope)
