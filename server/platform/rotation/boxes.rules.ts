import { isBox } from '../core/index.ts'

/** A value with every box in it, however deep, replaced by what `reseal` makes of it; everything else as it is. */
export function mapBoxes(value: unknown, reseal: (box: string) => string): unknown {
  if (typeof value === 'string') return isBox(value) ? reseal(value) : value
  if (Array.isArray(value)) return value.map((item) => mapBoxes(item, reseal))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapBoxes(inner, reseal)]))
}
