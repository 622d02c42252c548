import type { z } from 'zod'

const secretFields = new WeakSet<z.ZodType>()

/** Marks a field of an answer as a secret: an answer that has one is never kept, to be given again. Last in the chain of what makes the schema. */
export function secret<S extends z.ZodType>(schema: S): S {
  secretFields.add(schema)
  return schema
}

interface ZodDef {
  innerType?: z.ZodType
  in?: z.ZodType
  element?: z.ZodType
  shape?: Record<string, z.ZodType>
  valueType?: z.ZodType
  options?: z.ZodType[]
}

/** Whether a field of the schema, however deep, is marked as a secret. */
export function carriesSecret(schema: z.ZodType): boolean {
  if (secretFields.has(schema)) return true
  const { innerType, in: input, element, shape = {}, valueType, options = [] } = schema.def as unknown as ZodDef
  const inner = [innerType, input, element, valueType, ...Object.values(shape), ...options]
  return inner.some((one) => one !== undefined && carriesSecret(one))
}
