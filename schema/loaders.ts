import DataLoader from 'dataloader'
import type { z } from 'zod'
import type { Context } from '#server/platform/core/index.ts'
import type { Place } from '#server/platform/operations/index.ts'

/** One entry of the list of a parent. */
export interface NestedEntry {
  parentId: string
  place: Place
  node: unknown
}

/** A list that every entry of another list has: how those of several parents are read at once. */
export interface NestedList<P extends Place = Place> {
  /** Of the operation that shows the same; with the id of the parent it keeps cursors of one list out of others. */
  name: string
  place: z.ZodType<P>
  /** Most entries, and most parents, that are read at once. */
  most: number
  /** The first `limit` entries of each parent, or those behind a place, in the order of their list. */
  list(call: Context, parentIds: string[], limit: number, after: P | undefined): Promise<NestedEntry[]>
  /** How many entries each list has in all; empty ones may be left out. */
  count(call: Context, parentIds: string[]): Promise<{ parentId: string; total: number }[]>
}

/** Ties types together; the fields then hold the list without. */
export const defineNestedList = <P extends Place>(list: NestedList<P>): NestedList => list

interface Wanted {
  parentId: string
  limit: number
  after: Place | undefined
}

/** What one kind of nested field loads, batched over one request. */
export interface ListLoaders {
  entries: DataLoader<Wanted, NestedEntry[]>
  totals: DataLoader<string, number>
}

/** The loaders of a list, for one request. */
export type Loaders = (list: NestedList) => ListLoaders

export function createLoaders(call: Context): Loaders {
  const known = new Map<NestedList, ListLoaders>()
  return (list) => {
    const loaders = known.get(list) ?? loadersOf(list, call)
    known.set(list, loaders)
    return loaders
  }
}

// What was loaded is not kept: of several mutations of a request the next may change it.
const loadersOf = (list: NestedList, call: Context): ListLoaders => ({
  entries: new DataLoader((wanted) => loadEntries(list, call, wanted), { cache: false }),
  totals: new DataLoader((parentIds) => loadTotals(list, call, parentIds), { cache: false, maxBatchSize: list.most }),
})

const pageOf = ({ limit, after }: Wanted): string => JSON.stringify([limit, after])
const unique = (ids: readonly string[]): string[] => [...new Set(ids)]
const keyOf = (page: string, parentId: string): string => `${page} ${parentId}`

async function loadEntries(list: NestedList, call: Context, wanted: readonly Wanted[]): Promise<NestedEntry[][]> {
  const loaded = new Map<string, NestedEntry[]>()
  for (const [page, group] of Map.groupBy(wanted, pageOf)) {
    const { limit, after } = group[0]!
    const most = Math.max(1, Math.floor(list.most / limit))
    const parentIds = unique(group.map(({ parentId }) => parentId))
    for (let start = 0; start < parentIds.length; start += most) {
      const entries = await list.list(call, parentIds.slice(start, start + most), limit, after)
      for (const [parentId, own] of Map.groupBy(entries, (entry) => entry.parentId)) loaded.set(keyOf(page, parentId), own)
    }
  }
  return wanted.map((each) => loaded.get(keyOf(pageOf(each), each.parentId)) ?? [])
}

async function loadTotals(list: NestedList, call: Context, parentIds: readonly string[]): Promise<number[]> {
  const totals = await list.count(call, unique(parentIds))
  const byParent = new Map(totals.map(({ parentId, total }) => [parentId, total]))
  return parentIds.map((parentId) => byParent.get(parentId) ?? 0)
}
