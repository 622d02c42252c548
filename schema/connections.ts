import type { z } from 'zod'
import { DEFAULT_PAGE, MAX_PAGE, type OpenList, type Page, type PageRequest } from '#server/platform/operations/index.ts'
import { builder } from './builder.ts'
import { typeRef } from './zod-types.ts'

// Lists that grow are connections, as the Relay specification has them (https://relay.dev/graphql/connections.htm).
// One is read forwards, and of one only those parts are read that a query selects.

type Entry = Page['entries'][number]

const PageInfo = builder.objectRef<Page>('PageInfo').implement({
  description: 'Where a page begins and ends, and whether there is more.',
  fields: (t) => ({
    hasNextPage: t.boolean({ description: 'Whether there are entries after this page.', resolve: ({ hasMore }) => hasMore }),
    hasPreviousPage: t.boolean({
      description: 'Always false: lists are read forwards, and what is before a page is not looked up.',
      resolve: () => false,
    }),
    startCursor: t.string({
      nullable: true,
      description: 'Cursor of the first entry; null when the page has none.',
      resolve: ({ entries }) => entries[0]?.cursor,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Cursor of the last entry, to ask with `after` for the next page; null when the page has none.',
      resolve: ({ entries }) => entries.at(-1)?.cursor,
    }),
  }),
})

const nameOf = (node: z.ZodType): string => (node.meta() as { id: string }).id

const createConnection = (node: z.ZodType) => {
  const name = nameOf(node)
  const Edge = builder.objectRef<Entry>(`${name}Edge`).implement({
    description: `An entry of \`${name}Connection\`.`,
    fields: (t) => ({
      cursor: t.string({ description: 'Its place in the list, to ask with `after` for what follows.', resolve: ({ cursor }) => cursor }),
      node: t.field({ type: typeRef(node) as never, description: 'The entry itself.', resolve: (entry) => entry.node as never }),
    }),
  })
  return builder.objectRef<OpenList>(`${name}Connection`).implement({
    description: `A page of a list whose entries are of type \`${name}\`.`,
    fields: (t) => ({
      edges: t.field({
        type: [Edge],
        description: 'The entries of the page.',
        // `first` has multiplied it already.
        complexity: { field: 1, multiplier: 1 },
        resolve: async (list) => (await list.page()).entries,
      }),
      pageInfo: t.field({ type: PageInfo, description: 'Where the page begins and ends.', resolve: (list) => list.page() }),
      totalCount: t.int({ description: 'How many entries the whole list has.', resolve: (list) => list.total() }),
    }),
  })
}

const connections = new Map<string, ReturnType<typeof createConnection>>()

/** The type of a page of a list, by the schema of its entries, which needs a name. It is made once. */
export function connectionOf(node: z.ZodType): ReturnType<typeof createConnection> {
  const known = connections.get(nameOf(node)) ?? createConnection(node)
  connections.set(nameOf(node), known)
  return known
}

/** What every connection takes. */
export const pageArguments = {
  first: { type: 'Int', required: false, description: `Most entries of the page, at most ${MAX_PAGE}; ${DEFAULT_PAGE} when left out.` },
  after: { type: 'String', required: false, description: 'Cursor of the entry the page begins behind; from the start when left out.' },
} as const

/** What a page costs: as many entries as are asked for, at `each` besides what is selected of one. A number that will be refused costs nothing less. */
export const costOfPage =
  (each: number) =>
  ({ first }: PageRequest): { field: number; multiplier: number } => {
    const entries = Math.max(1, Math.min(first ?? DEFAULT_PAGE, MAX_PAGE))
    return { field: 1 + each * entries, multiplier: entries }
  }
