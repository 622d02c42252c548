import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType, type GraphQLSchema } from 'graphql'

/** How many entries a field of the introspection types answers with, on average; a field that is missing answers with one. */
export type IntrospectionRows = ReadonlyMap<string, number>

/**
 * Reads off a schema how long the lists of its introspection are. `__type` and the root types stand for the
 * largest type there is, which has far more fields than others.
 */
export function introspectionRowsOf(schema: GraphQLSchema): IntrospectionRows {
  const types = Object.values(schema.getTypeMap())
  const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type))
  const fieldCounts = withFields.map((type) => Object.keys(type.getFields()).length)
  const fields = withFields.flatMap((type) => Object.values(type.getFields()))
  const perType = averageOf(fieldCounts)
  const largest = Math.ceil(Math.max(...fieldCounts) / perType)
  return new Map([
    ['types', types.length],
    ['directives', schema.getDirectives().length],
    ['fields', perType],
    ['args', averageOf(fields.map(({ args }) => args.length))],
    ['inputFields', averageOf(types.filter(isInputObjectType).map((type) => Object.keys(type.getFields()).length))],
    ['enumValues', averageOf(types.filter(isEnumType).map((type) => type.getValues().length))],
    ['interfaces', averageOf(withFields.map((type) => type.getInterfaces().length))],
    ['possibleTypes', averageOf(types.filter(isUnionType).map((type) => type.getTypes().length))],
    ['__type', largest],
    ['queryType', largest],
    ['mutationType', largest],
    ['subscriptionType', largest],
  ])
}

/** Rounded up, and at least one: a list that is mostly empty may be full where it is asked for. */
const averageOf = (counts: number[]): number =>
  Math.max(1, Math.ceil(counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)))
