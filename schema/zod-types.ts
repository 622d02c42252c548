import type { ObjectRef } from '@pothos/core'
import type { z } from 'zod'
import { builder } from './builder.ts'

// GraphQL types are read off the Zod schemas of the contracts, so that there is one description of a
// shape. A schema that becomes a type needs a name: `.meta({ id: 'Agent' })`.

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never

/**
 * A type Pothos knows, whichever. Its own generics describe schemas that are written out; these are
 * read at run time, so this file and `expose.ts` speak to it without them.
 */
type AnyRef = never

interface ZodDef {
  type: string
  innerType?: z.ZodType
  in?: z.ZodType
  element?: z.ZodType
  options?: z.ZodType[]
  entries?: Record<string, string>
  values?: unknown[]
  catchall?: z.ZodType
  format?: string
}

const refs = new Map<string, AnyRef>()
const defOf = (schema: z.ZodType): ZodDef => schema.def as unknown as ZodDef
const metaOf = (schema: z.ZodType) => schema.meta() as { id?: string; description?: string; format?: string } | undefined

interface Shape {
  schema: z.ZodType
  isNullable: boolean
  isList: boolean
}

/** Looks through optional, nullable, default, transform and array to the schema that says what kind of value it is. */
function unwrap(schema: z.ZodType, seen: Omit<Shape, 'schema'> = { isNullable: false, isList: false }): Shape {
  const def = defOf(schema)
  if (def.type === 'optional' || def.type === 'nullable') return unwrap(def.innerType!, { ...seen, isNullable: true })
  if (def.type === 'default') return unwrap(def.innerType!, { ...seen, isNullable: true })
  if (def.type === 'pipe') return unwrap(def.in!, seen)
  if (def.type === 'array' && !seen.isList) return unwrap(def.element!, { ...seen, isList: true })
  return { schema, ...seen }
}

/** The GraphQL type of a plain value; undefined for objects, enums and unions. */
function scalarOf(schema: z.ZodType): 'String' | 'Int' | 'Float' | 'Boolean' | 'DateTime' | 'JSON' | undefined {
  const def = defOf(schema)
  const format = metaOf(schema)?.format ?? def.format
  if (def.type === 'string') return format === 'date-time' || format === 'datetime' ? 'DateTime' : 'String'
  // GraphQL's Int has 32 bits; larger whole numbers travel as Float, which JSON does not tell apart.
  if (def.type === 'number') return format === 'safeint' ? 'Int' : 'Float'
  if (def.type === 'boolean') return 'Boolean'
  if (def.type === 'literal') return typeof def.values?.[0] === 'boolean' ? 'Boolean' : 'String'
  if (def.type === 'record' || def.type === 'unknown' || def.type === 'any') return 'JSON'
  // An object that keeps undeclared keys has no fixed fields to offer.
  if (def.type === 'object' && def.catchall && defOf(def.catchall).type === 'unknown') return 'JSON'
  return undefined
}

function nameOf(schema: z.ZodType): string {
  const name = metaOf(schema)?.id
  if (!name) throw new Error(`A schema of kind "${schema.def.type}" becomes a GraphQL type and needs a name: .meta({ id: '...' })`)
  return name
}

/** The output type of a schema that is not a list: a scalar's name, or a type that is made once. */
function outputRef(schema: z.ZodType): AnyRef {
  const scalar = scalarOf(schema)
  if (scalar) return scalar as AnyRef
  const name = nameOf(schema)
  const known = refs.get(name)
  if (known) return known
  return makeRef(name, schema)
}

function makeRef(name: string, schema: z.ZodType): AnyRef {
  const def = defOf(schema)
  if (def.type === 'enum') return makeEnum(name, schema)
  if (def.type === 'union') return makeUnion(name, schema)
  if (def.type !== 'object') throw new Error(`${name}: no GraphQL type for a schema of kind "${def.type}"`)
  return makeObject(name, schema as z.ZodObject)
}

function makeObject(name: string, schema: z.ZodObject): AnyRef {
  const ref = builder.objectRef<Record<string, unknown>>(name)
  refs.set(name, ref as AnyRef)
  builder.objectType(ref, {
    description: metaOf(schema)?.description,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(schema.shape).map(([field, inner]) => {
          const { schema: kind, isList, isNullable } = unwrap(inner as z.ZodType)
          const type = field === 'id' ? ('ID' as AnyRef) : outputRef(kind)
          const description = metaOf(inner as z.ZodType)?.description
          return [
            field,
            t.field({
              type: (isList ? [type] : type) as AnyRef,
              nullable: isNullable,
              description,
              resolve: (parent) => parent[field] as AnyRef,
            }),
          ]
        }),
      ),
  })
  return ref as AnyRef
}

function makeEnum(name: string, schema: z.ZodType): AnyRef {
  const values = Object.values(defOf(schema).entries!)
  // Names in GraphQL are words; `account:read` is called account_read, and `24h` _24h.
  const entries = Object.fromEntries(values.map((value) => [value.replace(/\W|^(?=\d)/g, '_'), { value }]))
  const ref = builder.enumType(name, { values: entries, description: metaOf(schema)?.description }) as AnyRef
  refs.set(name, ref)
  return ref
}

function makeUnion(name: string, schema: z.ZodType): AnyRef {
  const options = defOf(schema).options!
  const typeOf = new Map(options.map((option) => [defOf((option as z.ZodObject).shape.type as z.ZodType).values![0], nameOf(option)]))
  const ref = builder.unionType(name, {
    description: metaOf(schema)?.description,
    types: options.map(outputRef),
    resolveType: (value) => typeOf.get((value as { type: string }).type) as AnyRef,
  }) as AnyRef
  refs.set(name, ref)
  return ref
}

/** The GraphQL type of what an operation returns, for a field. */
export function outputType(schema: z.ZodType): { type: AnyRef; nullable: boolean } {
  const { schema: inner, isList, isNullable } = unwrap(schema)
  const ref = outputRef(inner)
  return { type: (isList ? [ref] : ref) as AnyRef, nullable: isNullable }
}

/** The type a named schema became, to add fields to it. */
export const typeRef = <T>(schema: z.ZodType<T>): ObjectRef<Types, T> => outputRef(schema)

/** One argument of a field, to be made by Pothos. */
interface Argument {
  type: AnyRef
  required: boolean
  description: string | undefined
}

/** The arguments of an operation, one per field of its input. */
export function argumentsOf(input: z.ZodType): [name: string, argument: Argument][] {
  const shape = 'shape' in input ? (input.shape as Record<string, z.ZodType>) : {}
  return Object.entries(shape).map(([name, inner]) => {
    const { schema, isList, isNullable } = unwrap(inner)
    const type = inputRef(name, schema)
    return [name, { type: (isList ? [type] : type) as AnyRef, required: !isNullable, description: metaOf(inner)?.description }]
  })
}

function inputRef(name: string, schema: z.ZodType): AnyRef {
  const scalar = scalarOf(schema)
  if (scalar) return (/(^id|Id)$/.test(name) && scalar === 'String' ? 'ID' : scalar) as AnyRef
  if (defOf(schema).type === 'enum') return outputRef(schema)
  // What can be of several shapes, and lists of objects, are JSON here; the operation checks them all the same.
  if (defOf(schema).type === 'union' || defOf(schema).type === 'object') return 'JSON' as AnyRef
  throw new Error(`${name}: no GraphQL argument for a schema of kind "${schema.def.type}"; use a scalar, an enum or a record`)
}
