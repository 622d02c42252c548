import type { z } from 'zod'
import type { AccountContext, Context, Bucket } from '../core/index.ts'
import type { Scope } from '../core/scopes.contract.ts'
import type { Pages, Place } from './pages.ts'
import type { PlacedEvent } from './placed-event.ts'

/**
 * Who may call. `public`: anyone, and a credential that is not good counts as none. `optional`: anyone,
 * but a bad credential is refused. `account`: a session or an API key. `session`: a session only, for
 * what a leaked key must not be able to do.
 */
export type Access = 'public' | 'optional' | 'account' | 'session'

export type ContextFor<A extends Access> = A extends 'account' | 'session' ? AccountContext : Context

interface Definition<I extends z.ZodType, A extends Access> {
  /** `domain.verb`: the tRPC path, and the name in logs and docs. */
  name: string
  /** One line, in the imperative. */
  summary: string
  description?: string
  access: A
  /** Scope an API key needs, when it has scopes at all. */
  scope?: Scope
  /** Rate limit bucket; calls of an operation without one are not counted. */
  bucket?: Bucket
  input: I
}

export interface Query<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> extends Definition<
  I,
  A
> {
  kind: 'query'
  output: O
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
  /** Runs inside a transaction; false where it calls the outside world or manages its own. Default true. */
  transaction: boolean
  /** Accepts `Idempotency-Key`: what creates or spends. */
  idempotent: boolean
  run(ctx: ContextFor<A>, input: z.output<I>): Promise<z.input<O>>
}

/** An operation that answers bit by bit. `output` is the schema of one event. */
export interface Stream<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> extends Definition<
  I,
  A
> {
  kind: 'stream'
  output: O
  /** Goes on until the caller leaves. Such a stream says at once that it is `ready`. */
  isEndless?: boolean
  /** An endless one that yields events with their places goes on behind `ctx.lastEventId`, if that is there. */
  run(ctx: ContextFor<A>, input: z.output<I>): AsyncGenerator<z.input<O> | PlacedEvent<z.input<O>>>
}

/** A query whose list is read page by page too. */
export type PagedQuery<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType, A extends Access = Access> = Query<I, O, A> &
  Required<Pick<Query<I, O, A>, 'pages'>>

export type Operation = Query | Mutation | Stream

type Declared<T, Optional extends keyof T = never> = Omit<T, 'kind' | Optional> & Partial<Pick<T, Optional>>

export const defineQuery = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  query: Declared<Query<I, O, A>>,
): Query<I, O, A> => ({
  kind: 'query',
  ...query,
})

export const defineList = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  query: Declared<PagedQuery<I, O, A>>,
): PagedQuery<I, O, A> => ({ kind: 'query', ...query })

export const defineMutation = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  mutation: Declared<Mutation<I, O, A>, 'transaction' | 'idempotent'>,
): Mutation<I, O, A> => ({ kind: 'mutation', transaction: true, idempotent: false, ...mutation })

export const defineStream = <I extends z.ZodType, O extends z.ZodType, A extends Access>(
  stream: Declared<Stream<I, O, A>>,
): Stream<I, O, A> => ({
  kind: 'stream',
  ...stream,
})
