import type { z } from 'zod'

/** What a schema says of the lengths of lists, at one place of an input and below it. */
export interface ListLimits {
  /** Most items of a list here; undefined where the schema allows no list, or any length. */
  maxItems?: number | undefined
  /** The same inside each item of a list. */
  items?: ListLimits | undefined
  /** The same inside the fields an object declares. */
  fields: Map<string, ListLimits>
  /** The same inside all other values of an object. */
  others?: ListLimits | undefined
}

interface ZodDef {
  type: string
  innerType?: z.ZodType
  in?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
  catchall?: z.ZodType
  valueType?: z.ZodType
  options?: z.ZodType[]
}

const known = new WeakMap<z.ZodType, ListLimits | undefined>()

/**
 * The limits of a schema; undefined when it bounds no list. Zod looks at every item of a list before it
 * counts them, and so makes hundreds of thousands of problems of a list of as many wrong items: these
 * limits are looked at before Zod is.
 */
export function listLimitsOf(schema: z.ZodType): ListLimits | undefined {
  if (!known.has(schema)) known.set(schema, read(schema))
  return known.get(schema)
}

function read(schema: z.ZodType): ListLimits | undefined {
  const def = schema.def as unknown as ZodDef
  const inner = def.innerType ?? def.in
  if (inner) return listLimitsOf(inner)
  if (def.type === 'array') return unlessEmpty({ maxItems: maxItemsOf(schema), items: listLimitsOf(def.element!), fields: new Map() })
  if (def.type === 'record') return unlessEmpty({ fields: new Map(), others: listLimitsOf(def.valueType!) })
  if (def.type === 'union') return onlyShaped(def.options!)
  if (def.type !== 'object') return undefined
  const fields = Object.entries(def.shape!).flatMap(([name, field]): [string, ListLimits][] => {
    const limits = listLimitsOf(field)
    return limits ? [[name, limits]] : []
  })
  return unlessEmpty({ fields: new Map(fields), others: def.catchall && listLimitsOf(def.catchall) })
}

interface LengthCheck {
  _zod: { def: { check: string; maximum?: number; length?: number } }
}

/** What `.max()` and `.length()` of a list say. */
export function maxItemsOf(list: z.ZodType): number | undefined {
  const { checks = [] } = list.def as unknown as { checks?: LengthCheck[] }
  const maxima = checks.flatMap(({ _zod: { def } }) =>
    def.check === 'max_length' || def.check === 'length_equals' ? [def.maximum ?? def.length!] : [],
  )
  return maxima.length > 0 ? Math.min(...maxima) : undefined
}

const unlessEmpty = (limits: ListLimits): ListLimits | undefined =>
  limits.maxItems === undefined && !limits.items && !limits.others && limits.fields.size === 0 ? undefined : limits

const scalars = new Set(['string', 'number', 'boolean', 'null', 'undefined', 'literal', 'enum', 'never'])

/** Where a value may be one thing with lists in it or a plain one. Of several such things Zod finds out which it is, so nothing is known before. */
function onlyShaped(options: z.ZodType[]): ListLimits | undefined {
  const shaped = options.filter(({ def }) => !scalars.has(def.type))
  return shaped.length === 1 ? listLimitsOf(shaped[0]!) : undefined
}
