import type { z } from 'zod'
import { once, readPageRequest, writeCursor, type OpenList, type PageRequest } from '#server/platform/operations/index.ts'
import { builder } from './builder.ts'
import { connectionOf, costOfPage, pageArguments } from './connections.ts'
import type { Loaders, NestedList } from './loaders.ts'
import { typeRef } from './zod-types.ts'

interface NestedField {
  /** Of which type the entries are. */
  node: z.ZodType
  description: string
  /** What each entry costs besides what is selected of it. */
  cost: number
  list: NestedList
}

/** Offers a list as a field of a type, whose id names the parent. The schema of the type must not have the field itself. */
export function exposeNestedList(parent: z.ZodType, name: string, { node, description, cost, list }: NestedField): void {
  builder.objectField(typeRef(parent) as never, name, (t) =>
    t.field({
      type: connectionOf(node),
      nullable: true,
      description,
      args: { first: t.arg(pageArguments.first), after: t.arg(pageArguments.after) },
      complexity: costOfPage(cost),
      resolve: (entry, page, { loaders }) => openNested(list, (entry as { id: string }).id, page, loaders),
    }),
  )
}

/** @throws InvalidInput naming `first` or `after`. */
function openNested(list: NestedList, parentId: string, request: PageRequest, loaders: Loaders): OpenList {
  const { entries, totals } = loaders(list)
  const name = `${list.name} ${parentId}`
  const { first, after } = readPageRequest(name, list.place, request)
  return {
    page: once(async () => {
      // One more says whether there are more.
      const found = await entries.load({ parentId, limit: first + 1, after })
      return {
        entries: found.slice(0, first).map(({ place, node }) => ({ cursor: writeCursor(name, place), node })),
        hasMore: found.length > first,
      }
    }),
    total: once(() => totals.load(parentId)),
  }
}
