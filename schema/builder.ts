import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import { GraphQLScalarType } from 'graphql'
import type { Context } from '#server/platform/core/index.ts'
import type { Loaders } from './loaders.ts'

/** The context of a call, with what batches the nested fields of one request. */
export interface GraphqlContext {
  call: Context
  loaders: Loaders
}

export const builder = new SchemaBuilder<{
  Context: GraphqlContext
  DefaultFieldNullability: false
  Scalars: {
    DateTime: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
  }
}>({
  plugins: [ComplexityPlugin],
  defaultFieldNullability: false,
  // A query over these limits is refused before it runs: one request must not cost what a thousand do.
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10, limit: { complexity: 5000, depth: 12, breadth: 300 } },
})

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    name: 'DateTime',
    description: 'A time in UTC, ISO 8601, such as `2026-05-02T08:15:00.000Z`.',
    serialize: String,
  }),
)
builder.addScalarType('JSON', new GraphQLScalarType({ name: 'JSON', description: 'Any JSON value.' }))
builder.queryType({ description: 'What can be read.' })
builder.mutationType({ description: 'What can be changed. Several changes of one request are made one after the other.' })
builder.subscriptionType({ description: 'What can be watched while it happens, as server-sent events.' })
