import { z } from 'zod'
import { type Context, InvalidInput, type FieldProblem, isStorableText } from '../core/index.ts'

// A list is read page by page from behind the entry that was read last, whatever was added or removed
// meanwhile: a page begins at a place in the order of the list, not at a number of entries to skip.

/** Entries of a page that does not say how many. */
export const DEFAULT_PAGE = 20
/** Most entries of a page. */
export const MAX_PAGE = 100

/** Where an entry stands in the order of its list. */
export type Place = readonly [string, ...string[]]

// A cursor is made up easily, so what the database cannot read is refused.
const id = z.string().min(1).max(255).refine(isStorableText)
const time = z.iso.datetime().refine((at) => at >= '1970')
/** Of a list in the order of ids, which begin with the time. */
export const placeById = z.tuple([id])
export type PlaceById = z.output<typeof placeById>
/** Of a list in the order of the ids its entries belong to, and of their own where those are the same. */
export const placeByIds = z.tuple([id, id])
/** Of a list in the order of a time, and of ids where that is the same. Microseconds tell rows apart that answers do not. */
export const placeByTime = z.tuple([time, id])
export type PlaceByTime = z.output<typeof placeByTime>

export interface Entry<N, P extends Place = Place> {
  node: N
  place: P
}

/** Which entries are asked for: those behind `after`, from the start without one, and `limit` at most. */
export interface Slice<P extends Place = Place> {
  after: P | undefined
  limit: number
}

/** How the list that a query answers with is read page by page. */
export interface Pages<
  I extends z.ZodType = z.ZodType,
  N extends z.ZodType = z.ZodType,
  P extends z.ZodType<Place> = z.ZodType<Place>,
  C extends Context = Context,
> {
  /** What the query takes, but for how much of the list. */
  input: I
  /** One entry. */
  node: N
  place: P
  list(ctx: C, input: z.output<I>, slice: Slice<z.output<P>>): Promise<Entry<z.input<N>, z.output<P>>[]>
  /** How many entries the whole list has. */
  count(ctx: C, input: z.output<I>): Promise<number>
}

/** Ties types together; the query then holds them without. */
export const definePages = <I extends z.ZodType, N extends z.ZodType, P extends z.ZodType<Place>, C extends Context>(
  pages: Pages<I, N, P, C>,
): Pages<I, N, P, C> => pages

/** How much of a list is asked for, as callers say it; null is the same as left out. */
export interface PageRequest {
  first?: number | null | undefined
  after?: string | null | undefined
}

export interface Page<N = unknown> {
  entries: { cursor: string; node: N }[]
  hasMore: boolean
}

/** A list that somebody may read. Each part is read when it is asked for, and once. */
export interface OpenList<N = unknown> {
  page(): Promise<Page<N>>
  total(): Promise<number>
}

/** Opens a list for a call that was let in. `name` keeps cursors of one list out of others. @throws InvalidInput naming `first` or `after`. */
export function openList<N extends z.ZodType>(
  name: string,
  pages: Pages<z.ZodType, N>,
  ctx: Context,
  input: unknown,
  request: PageRequest,
): OpenList<z.output<N>> {
  const { first, after } = readPageRequest(name, pages.place, request)
  return {
    page: once(async () => {
      // One more says whether there are more.
      const found = await pages.list(ctx, input, { after, limit: first + 1 })
      const entries = found
        .slice(0, first)
        .map(({ node, place }) => ({ cursor: writeCursor(name, place), node: pages.node.parse(node) as z.output<N> }))
      return { entries, hasMore: found.length > first }
    }),
    total: once(() => pages.count(ctx, input)),
  }
}

/** @throws InvalidInput naming `first` or `after`. */
export function readPageRequest<P extends Place>(
  name: string,
  place: z.ZodType<P>,
  { first, after }: PageRequest,
): { first: number; after: P | undefined } {
  const problems: FieldProblem[] = []
  const size = first ?? DEFAULT_PAGE
  if (size < 0 || size > MAX_PAGE) problems.push({ field: 'first', message: `expected 0 to ${MAX_PAGE}` })
  const start = after === undefined || after === null ? undefined : readCursor(name, place, after)
  if (after !== undefined && after !== null && !start) problems.push({ field: 'after', message: 'expected a cursor of this list' })
  if (problems.length > 0) throw new InvalidInput(problems)
  return { first: size, after: start }
}

/** A place as callers keep it, who need not know what is in it. */
export const writeCursor = (name: string, place: Place): string => Buffer.from(JSON.stringify([name, ...place])).toString('base64url')

function readCursor<P extends Place>(name: string, place: z.ZodType<P>, cursor: string): P | undefined {
  try {
    const [list, ...parts] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    return list === name ? place.safeParse(parts).data : undefined
  } catch {
    return undefined
  }
}

/** Reads once, however often it is asked. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => (reading ??= read())
}
