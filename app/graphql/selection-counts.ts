import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { IntrospectionRows } from './introspection-rows.ts'

/** What a selection set asks for once every fragment is put where it is spread. */
export interface SelectionCounts {
  /** Fields of the set itself. */
  fields: number
  /** Fields and fragments, at every depth. */
  selections: number
  /** Fields inside of fields. */
  depth: number
  aliases: number
  /** About how many values are answered of the schema itself. */
  introspectedValues: number
}

const nothing = (): SelectionCounts => ({ fields: 0, selections: 0, depth: 0, aliases: 0, introspectedValues: 0 })

/**
 * Counts what each operation of a document selects. It takes time in proportion to the document and not to what
 * is counted: a fragment is looked into once, and its counts are added as often as it is spread.
 */
export function countOperations({ definitions }: DocumentNode, rows: IntrospectionRows): SelectionCounts[] {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const counted = new Map<string, SelectionCounts>()

  const countSet = ({ selections }: SelectionSetNode, isOfSchema: boolean): SelectionCounts => {
    const total = nothing()
    for (const selection of selections) addTo(total, countOne(selection, isOfSchema))
    return total
  }

  const countOne = (selection: SelectionNode, isOfSchema: boolean): SelectionCounts => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return oneMore(countFragment(selection.name.value, isOfSchema))
    if (selection.kind === Kind.INLINE_FRAGMENT) return oneMore(countSet(selection.selectionSet, isOfSchema))
    const name = selection.name.value
    const isSchema = isOfSchema || name === '__schema' || name === '__type'
    const inner = selection.selectionSet ? countSet(selection.selectionSet, isSchema) : nothing()
    return {
      fields: 1,
      selections: inner.selections + 1,
      depth: inner.depth + 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
      introspectedValues: isSchema ? (rows.get(name) ?? 1) * (inner.introspectedValues + 1) : inner.introspectedValues,
    }
  }

  const countFragment = (name: string, isOfSchema: boolean): SelectionCounts => {
    const key = `${name} ${isOfSchema}`
    const known = counted.get(key)
    if (known) return known
    const fragment = fragments.get(name)
    // One that is spread inside of itself adds nothing there; validation refuses it.
    counted.set(key, nothing())
    const counts = fragment ? countSet(fragment.selectionSet, isOfSchema) : nothing()
    counted.set(key, counts)
    return counts
  }

  return definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map(({ selectionSet }) => countSet(selectionSet, false))
}

const oneMore = (counts: SelectionCounts): SelectionCounts => ({ ...counts, selections: counts.selections + 1 })

function addTo(total: SelectionCounts, counts: SelectionCounts): void {
  total.fields += counts.fields
  total.selections += counts.selections
  total.depth = Math.max(total.depth, counts.depth)
  total.aliases += counts.aliases
  total.introspectedValues += counts.introspectedValues
}
