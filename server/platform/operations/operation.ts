import type { z } from 'zod'
import type { AccountContext, AuditTarget, Context, Bucket, SessionContext } from '../core/index.ts'
import type { Scope } from '../core/scopes.contract.ts'
import type { Pages, Place } from './pages.ts'
import type { PlacedEvent } from './placed-event.ts'

/**
 * Who may call. `public`: anyone, and a credential that is not good counts as none. `optional`: anyone,
 * but a bad credential is refused. `account`: a session or an API key. `session`: a session only, for
 * what a leaked key must not be able to do. `fresh`: a session whose person has proved a few minutes ago
 * who they are, for what a session left open must not be able to do. `admin`: a session of somebody who operates this server.
 */
export type Access = 'public' | 'optional' | 'account' | 'session' | 'fresh' | 'admin'

export type ContextFor<A extends Access> = A extends 'session' | 'fresh' | 'admin'
  ? SessionContext
  : A extends 'account'
    ? AccountContext
    : Context

/** A credential a call can come with; `none` where it does without. */
export type Credential = 'session' | 'apiKey' | 'none'

/** A type without the right to change what is of it, so that constants may be written with `as const`. */
type Immutable<T> = unknown extends T ? T : { readonly [K in keyof T]: Immutable<T[K]> }

/**
 * One call and its answer, as they would be written down for a reader. The documents are made from it, and
 * every transport is tested with it. It works on a fresh server that has no model provider; rows that have
 * to be there first are named by `exampleIds`.
 */
export interface Example<Input, Output> {
  readonly input: Input
  readonly output: Output
}

/**
 * Only what `defineQuery`, `defineMutation` and `defineStream` return is an operation. A copy of one with
 * another access, scope or bucket lacks this mark, so the compiler refuses it.
 */
declare abstract class Defined {
  protected readonly isOperation: true
}

/** What is in the audit log of a call, besides who made it, from where and how it ended. */
interface Audit<I extends z.ZodType, A extends Access> {
  /** What it was done to: when left out, what the input names by its id and what was made. The output is undefined of a call that failed. */
  targets?(input: z.output<I>, output: unknown): AuditTarget[]
  /** Fields of the input whose values everybody may know who may read the log; of the others it only says that they were sent. */
  values?: readonly (keyof z.output<I> & string)[]
  /** How those fields were before. */
  before?(ctx: ContextFor<A>, input: z.output<I>): Promise<object>
}

interface Definition<I extends z.ZodType, A extends Access> extends Defined {
  /** `domain.verb`: the tRPC path, and the name in logs and docs. */
  name: string
  /** One line, in the imperative. */
  summary: string
  description?: string
  access: A
  /** What the caller has to have, by their role in the workspace or the scopes of their key. */
  scope?: Scope
  /** It is about the person who calls: whatever their role in the workspace, they may. An API key needs the scope all the same. */
  isPersonal?: true
  /** Rate limit bucket; calls of an operation without one are not counted. */
  bucket?: Bucket
  /** Credentials a `public` operation looks at all the same; none when left out. */
  credentials?: readonly Credential[]
  /** It only tells of the credential it is called with, which is no use of it. */
  isCredentialCheck?: true
  /** Over REST credentials are not even looked up: it answers while they cannot be, and counts per address. */
  isForAnybody?: true
  /**
   * How calls are told in the audit log. Without it mutations are, but for the daily work of agents (scopes `chat:write`,
   * `memory:write`, `models:write`); false for what changes nothing worth telling. A query or a stream that has it gives secrets, or much, away.
   */
  audit?: Audit<I, A> | false
  input: I
}

export interface Query<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> extends Definition<
  I,
  A
> {
  kind: 'query'
  output: O
  example: Example<z.input<I>, z.input<O>>
  /** Where it answers with a list that grows: how that is read page by page. */
  pages?: Pages<z.ZodType, z.ZodType, z.ZodType<Place>, ContextFor<A>>
  run(ctx: ContextFor<A>, input: z.output<I>): Promise<z.input<O>>
}

export interface Mutation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> extends Definition<
  I,
  A
> {
  kind: 'mutation'
  output: O
  example: Example<z.input<I>, z.input<O>>
  /** Runs inside a transaction; false where it calls the outside world or manages its own. Default true. */
  transaction: boolean
  /** Accepts `Idempotency-Key`: what creates or spends. */
  idempotent: boolean
  /** Of an idempotent one: the ids of what it made and what that belongs to. Its answer is forgotten with any of them. */
  makes?(output: z.output<O>, input: z.output<I>): string[]
  /** The id of the thing that is gone when it is done. */
  removes?(input: z.output<I>): string
  run(ctx: ContextFor<A>, input: z.output<I>): Promise<z.input<O>>
}

/** How a stream that was done before is told again to who repeats it with its `Idempotency-Key`. */
export interface Repeat<Event> {
  /** Whether it is the event that holds all that came of it. */
  isLast(event: Event): boolean
  /** The events to tell, made of that one. */
  events(last: Event): Event[]
}

/** An operation that answers bit by bit. `output` is the schema of one event. */
export interface Stream<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> extends Definition<
  I,
  A
> {
  kind: 'stream'
  output: O
  /** Its output are the events of one call, from the first to the last. */
  example: Example<z.input<I>, z.input<O>[]>
  /** Accepts `Idempotency-Key`: it stores what comes of it, and can tell of that. */
  repeat?: Repeat<z.output<O>>
  /** It has an end and changes nothing: it may be asked for with GET, and again. */
  isReadOnly?: true
  /** Goes on until the caller leaves. Such a stream says at once that it is `ready`. */
  isEndless?: boolean
  /** An endless one that yields events with their places goes on behind `ctx.lastEventId`, if that is there. */
  run(ctx: ContextFor<A>, input: z.output<I>): AsyncGenerator<z.input<O> | PlacedEvent<z.input<O>>>
}

/** A query whose list is read page by page too. */
export type PagedQuery<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> = Query<I, O, A> &
  Required<Pick<Query<I, O, A>, 'pages'>>

export type Operation = Query | Mutation | Stream

type Declared<T extends { example: unknown }, Optional extends keyof T = never> = Omit<T, 'kind' | 'example' | Optional> &
  Partial<Pick<T, Optional>> & { example: Immutable<T['example']> }

export const defineQuery = <I extends z.ZodType, O extends z.ZodType, A extends Access>(query: Declared<Query<I, O, A>>): Query<I, O, A> =>
  ({ kind: 'query', ...query }) as Query<I, O, A>

export const defineList = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  query: Declared<PagedQuery<I, O, A>>,
): PagedQuery<I, O, A> => ({ kind: 'query', ...query }) as PagedQuery<I, O, A>

export const defineMutation = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  mutation: Declared<Mutation<I, O, A>, 'transaction' | 'idempotent'>,
): Mutation<I, O, A> => ({ kind: 'mutation', transaction: true, idempotent: false, ...mutation }) as Mutation<I, O, A>

export const defineStream = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  stream: Declared<Stream<I, O, A>>,
): Stream<I, O, A> => ({ kind: 'stream', ...stream }) as Stream<I, O, A>
