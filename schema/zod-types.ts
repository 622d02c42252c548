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
const metaOf = (schema: z.ZodType) => schema.meta() as Meta | undefined

interface Meta {
  id?: string
  description?: string
  format?: string
  /** What each value of an enum means; documents of OpenAPI have it under this name too. */
  'x-enumDescriptions'?: Record<string, string>
}

/** What a field or argument is, or else what its values are: a type of its own says that. */
function descriptionOf(schema: z.ZodType): string | undefined {
  const own = metaOf(schema)?.description
  if (own !== undefined) return own
  const { innerType, in: input } = defOf(schema)
  const inner = innerType ?? input
  return inner && descriptionOf(inner)
}

interface Shape {
  schema: z.ZodType
  isNullable: boolean
  isList: boolean
  /** What the outermost schema that says so calls the format of the value. */
  format: string | undefined
}

/** Looks through optional, nullable, default, transform and array to the schema that says what kind of value it is. */
function unwrap(schema: z.ZodType, seen: Omit<Shape, 'schema'> = { isNullable: false, isList: false, format: undefined }): Shape {
  const def = defOf(schema)
  const known = { ...seen, format: seen.format ?? metaOf(schema)?.format }
  if (def.type === 'optional' || def.type === 'nullable') return unwrap(def.innerType!, { ...known, isNullable: true })
  if (def.type === 'default') return unwrap(def.innerType!, { ...known, isNullable: true })
  if (def.type === 'pipe') return unwrap(def.in!, known)
  if (def.type === 'array' && !seen.isList) return unwrap(def.element!, { ...known, isList: true })
  return { schema, ...known }
}

/** The GraphQL type of a plain value; undefined for objects, enums and unions. */
function scalarOf(schema: z.ZodType, given?: string): 'String' | 'Int' | 'Float' | 'Boolean' | 'DateTime' | 'JSON' | undefined {
  const def = defOf(schema)
  const format = given ?? metaOf(schema)?.format ?? def.format
  if (def.type === 'string') return format === 'date-time' || format === 'datetime' ? 'DateTime' : 'String'
  // GraphQL's Int has 32 bits; larger whole numbers travel as Float, which JSON does not tell apart.
  if (def.type === 'number') return format === 'safeint' ? 'Int' : 'Float'
  if (def.type === 'boolean') return 'Boolean'
  if (def.type === 'literal') return scalarOfLiteral(def.values?.[0])
  if (def.type === 'record' || def.type === 'unknown' || def.type === 'any') return 'JSON'
  // An object that keeps undeclared keys has no fixed fields to offer.
  if (def.type === 'object' && def.catchall && defOf(def.catchall).type === 'unknown') return 'JSON'
  return undefined
}

function scalarOfLiteral(value: unknown): 'Boolean' | 'Int' | 'String' {
  if (typeof value === 'boolean') return 'Boolean'
  return typeof value === 'number' ? 'Int' : 'String'
}

function nameOf(schema: z.ZodType): string {
  const name = metaOf(schema)?.id
  if (!name) throw new Error(`A schema of kind "${schema.def.type}" becomes a GraphQL type and needs a name: .meta({ id: '...' })`)
  return name
}

/** The output type of a schema that is not a list: a scalar's name, or a type that is made once. */
function outputRef(schema: z.ZodType, format?: string): AnyRef {
  const scalar = scalarOf(schema, format)
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
          const { schema: kind, isList, isNullable, format } = unwrap(inner as z.ZodType)
          const type = field === 'id' ? ('ID' as AnyRef) : outputRef(kind, format)
          const description = descriptionOf(inner as z.ZodType)
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
  const descriptions = metaOf(schema)?.['x-enumDescriptions'] ?? {}
  // Names in GraphQL are words; `account:read` is called account_read, and `24h` _24h.
  const entries = Object.fromEntries(
    values.map((value) => [value.replace(/\W|^(?=\d)/g, '_'), { value, description: descriptions[value] }]),
  )
  const ref = builder.enumType(name, { values: entries, description: metaOf(schema)?.description }) as AnyRef
  refs.set(name, ref)
  return ref
}

function makeUnion(name: string, schema: z.ZodType): AnyRef {
  const options = defOf(schema).options!
  const typeOf = new Map(options.map((option) => [defOf((option as z.ZodObject).shape.type as z.ZodType).values![0], nameOf(option)]))
  const ref = builder.unionType(name, {
    description: metaOf(schema)?.description,
    types: options.map((option) => outputRef(option)),
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

/** One argument of a field, or one field of an input type, to be made by Pothos. */
export interface Argument {
  type: AnyRef
  required: boolean
  description: string | undefined
}

/** The arguments of an operation, one per field of its input. */
export function argumentsOf(input: z.ZodType): [name: string, argument: Argument][] {
  const shape = 'shape' in input ? (input.shape as Record<string, z.ZodType>) : {}
  return Object.entries(shape).map(([name, inner]) => {
    const { schema, isList, isNullable, format } = unwrap(oneOrMany(inner))
    const type = inputRef(name, schema, format)
    return [name, { type: (isList ? [type] : type) as AnyRef, required: !isNullable, description: descriptionOf(inner) }]
  })
}

/** GraphQL takes one value where a list is asked for, so one or several of a kind are a list. */
function oneOrMany(schema: z.ZodType): z.ZodType {
  const { type, innerType, options = [] } = defOf(schema)
  if (innerType) return type === 'optional' || type === 'nullable' ? oneOrMany(innerType).nullish() : schema
  const list = options.find((option) => defOf(option).type === 'array')
  const isOneOrMany = type === 'union' && options.length === 2 && list && defOf(defOf(list).element!).type === defOf(options[0]!).type
  return isOneOrMany ? list : schema
}

function inputRef(name: string, schema: z.ZodType, format?: string): AnyRef {
  const scalar = scalarOf(schema, format)
  if (scalar) return (/(^id|Id)$/.test(name) && scalar === 'String' ? 'ID' : scalar) as AnyRef
  const { type } = defOf(schema)
  if (type === 'enum') return outputRef(schema)
  if (type === 'object') return inputType(schema)
  // What can be of several shapes, each with keys of the caller's own.
  if (type === 'union') return 'JSON' as AnyRef
  throw new Error(`${name}: no GraphQL argument for a schema of kind "${type}"; use a scalar, an enum, an object or a record`)
}

/** The input type of an object, which is made once. An output type may have the same name, so it is marked. */
function inputType(schema: z.ZodType): AnyRef {
  const name = `${nameOf(schema)}Input`
  const known = refs.get(name)
  if (known) return known
  const ref = builder.inputType(name, {
    description: metaOf(schema)?.description,
    fields: (t) => Object.fromEntries(argumentsOf(schema).map(([field, options]) => [field, t.field(options)])),
  }) as AnyRef
  refs.set(name, ref)
  return ref
}
