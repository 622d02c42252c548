import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import RelayPlugin from '@pothos/plugin-relay'
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
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  Scalars: {
    DateTime: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
  }
}>({
  plugins: [RelayPlugin, ComplexityPlugin],
  relay: { edgesFieldOptions: { nullable: false }, nodeFieldOptions: { nullable: false } },
  // A query over these limits is refused before it runs: one request must not cost what a thousand do.
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10, limit: { complexity: 5000, depth: 10, breadth: 300 } },
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
builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})
