import { expect, test } from 'vitest'
import type { z } from 'zod'
import { operations } from '../../../server/operations.ts'
import { carriesSecret } from '../../../server/platform/core/secret-fields.contract.ts'
import type { Operation } from '../../../server/platform/operations/index.ts'

const all = Object.values(operations).flatMap((table) => Object.values(table) as Operation[])

/** Those whose answers are kept for a day, to be given again. */
const kept = all.filter(
  (operation) => (operation.kind === 'mutation' && operation.idempotent) || (operation.kind === 'stream' && operation.repeat),
)

interface Def {
  type: string
  shape?: Record<string, z.ZodType>
  innerType?: z.ZodType
  element?: z.ZodType
  valueType?: z.ZodType
  options?: z.ZodType[]
}
const defOf = (schema: z.ZodType) => schema.def as unknown as Def

/** The text fields of a schema, by their paths. */
function textsIn(schema: z.ZodType, path: string): [path: string, field: z.ZodType][] {
  const { type, shape = {}, innerType, element, valueType, options = [] } = defOf(schema)
  if (type === 'string') return [[path, schema]]
  return [
    ...Object.entries(shape).flatMap(([name, field]) => textsIn(field, `${path}.${name}`)),
    ...[innerType, element, valueType, ...options].flatMap((inner) => (inner ? textsIn(inner, path) : [])),
  ]
}

const LOOKS_SECRET = /(key|token|secret|password|credential|signature)$/i

test('every text of an answer that is kept and looks like a secret is marked as one, so that the answer is not kept', () => {
  const suspects = kept.flatMap(({ name, output }) => textsIn(output, name)).filter(([path]) => LOOKS_SECRET.test(path))
  expect(suspects.map(([path]) => path)).toContain('keys.create.key')
  expect(suspects.filter(([, field]) => !carriesSecret(field)).map(([path]) => path)).toEqual([])
})

test('whatever can be removed says which thing is gone, so that the answers about it are forgotten', () => {
  const removing = all.flatMap((operation) => (operation.kind === 'mutation' && operation.removes ? [operation.name] : []))
  expect(removing.toSorted()).toEqual([
    'agents.delete',
    'budgets.remove',
    'files.delete',
    'keys.delete',
    'schedules.deleteCronJob',
    'schedules.deleteTask',
  ])
})
