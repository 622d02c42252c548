import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import { weightOf } from './document-limits.ts'

/** Most memory of documents that were parsed, in bytes: several thousand usual ones, a few dozen of the largest. */
const MAX_BYTES = 32_000_000

/**
 * Documents by their text. What is found out about a document later (whether it is valid, how it is compiled)
 * is kept with it and forgotten with it, so this is the one cache that has to be bounded.
 */
export const createDocumentCache = () =>
  new LRUCache<string, DocumentNode>({ maxSize: MAX_BYTES, sizeCalculation: (document) => Math.max(1, weightOf(document)) })

/** Keeps nothing: texts that are no GraphQL are told so quickly, and there is no end of them. */
export const noCache = { get: () => undefined, set: () => undefined }
