import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { errorKinds } from '#server/platform/core/index.ts'

/** Most bytes of texts that are kept, about: some ten thousand usual queries. */
const MAX_BYTES = 16_000_000
/** Bytes of a text besides its characters: its hash, and its place in the cache. */
const BYTES_PER_TEXT = 200

const PersistedQuery = z.object({
  version: z.literal(1, 'expected 1'),
  sha256Hash: z.string().regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hex digits'),
})

/**
 * Automatic persisted queries, as clients of Apollo send them: a client sends the hash of its query alone, and
 * the text with it once when the server does not know it. Of several servers each learns it for itself.
 *
 * A text is kept once it was found to be a document within the limits, and goes through them again each time.
 */
export function persistQueries(): Plugin {
  const texts = new LRUCache<string, string>({ maxSize: MAX_BYTES, sizeCalculation: (text) => 2 * text.length + BYTES_PER_TEXT })
  return {
    onParams({ params, setParams }) {
      const hash = hashIn(params)
      if (hash === undefined) return
      if (params.query === undefined || params.query === null || params.query === '') {
        const query = texts.get(hash)
        if (query === undefined) throw new GraphQLError('PersistedQueryNotFound', notFound)
        setParams({ ...params, query })
      } else if (hashOf(params.query) !== hash) {
        throw refusal('BAD_REQUEST', 'extensions.persistedQuery.sha256Hash: expected the SHA-256 of the query.')
      }
    },
    onParse({ context }) {
      const { params } = context as { params?: GraphQLParams }
      const hash = params && hashIn(params)
      return ({ result }) => {
        if (hash !== undefined && params?.query && !(result instanceof Error)) texts.set(hash, params.query)
      }
    },
  }
}

/** Not a refusal: it asks the client for the text. */
const notFound = { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', status: 200, http: { status: 200 } } }

const refusal = (code: string, message: string): GraphQLError => {
  const { status } = errorKinds.invalid_input
  return new GraphQLError(message, { extensions: { code, status, http: { status } } })
}

/** Undefined for a request that names no persisted query. @throws GraphQLError when it does so in another form. */
function hashIn({ extensions }: GraphQLParams): string | undefined {
  const named: unknown = extensions?.persistedQuery
  if (named === undefined || named === null) return undefined
  const { data, error } = PersistedQuery.safeParse(named)
  if (data) return data.sha256Hash.toLowerCase()
  const [issue] = error.issues
  throw refusal('BAD_REQUEST', `extensions.persistedQuery.${issue!.path.join('.')}: ${issue!.message}.`)
}

const hashOf = (text: unknown): string | undefined =>
  typeof text === 'string' ? createHash('sha256').update(text).digest('hex') : undefined
