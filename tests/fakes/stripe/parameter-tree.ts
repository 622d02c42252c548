import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What a parameter may be: `fields` of an object, `items` of a list, `values` of a map, `words` of an enum. */
export interface Parameter {
  required?: true
  fields?: Record<string, Parameter>
  items?: Parameter
  values?: Parameter
  words?: string[]
  kinds?: ('string' | 'number' | 'boolean')[]
  /** An empty value unsets it. */
  emptyable?: true
}

/** The parameters of each operation, and the version of the SDK they were read from. */
export interface ParameterTree {
  sdk: string
  operations: Record<string, Record<string, Parameter>>
}

const source = fileURLToPath(new URL('operations.ts', import.meta.url))
const MAX_DEPTH = 8

export const sdkVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../../node_modules/stripe/package.json', import.meta.url), 'utf8')) as { version: string }).version

/** Reads the tree off the types of the SDK; takes some seconds. */
export function readParameterTree(): ParameterTree {
  const program = ts.createProgram([source], {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(source)!
  const table = checker.getTypeAtLocation(file.statements.find(ts.isInterfaceDeclaration)!)
  const operations = table.getProperties().map((property) => [property.name, fieldsOf(checker.getTypeOfSymbol(property), 0)] as const)
  return { sdk: sdkVersion(), operations: Object.fromEntries(operations) }

  function fieldsOf(type: ts.Type, depth: number): Record<string, Parameter> {
    const fields: Record<string, Parameter> = {}
    for (const part of type.isUnion() ? type.types : [type])
      for (const property of part.getProperties()) {
        const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0
        const parameter = parameterOf(checker.getTypeOfSymbol(property), depth + 1)
        fields[property.name] = isOptional ? parameter : { required: true, ...parameter }
      }
    return fields
  }

  function parameterOf(type: ts.Type, depth: number): Parameter {
    const parameter: Parameter = {}
    const kinds = new Set<'string' | 'number' | 'boolean'>()
    const words = new Set<string>()
    for (const part of type.isUnion() ? type.types : [type]) {
      if (part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) continue
      if (part.isStringLiteral()) {
        if (part.value === '') parameter.emptyable = true
        else words.add(part.value)
      } else if (part.flags & ts.TypeFlags.String) kinds.add('string')
      else if (part.flags & ts.TypeFlags.NumberLike) kinds.add('number')
      else if (part.flags & ts.TypeFlags.BooleanLike) kinds.add('boolean')
      else if (depth < MAX_DEPTH && part.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) addObject(parameter, part, kinds, depth)
    }
    // Enums are open: the words are followed by what any other text would be.
    if (words.size > 0) parameter.words = [...words].sort()
    else if (kinds.size > 0) parameter.kinds = [...kinds].sort()
    return parameter
  }

  function addObject(parameter: Parameter, type: ts.Type, kinds: Set<'string' | 'number' | 'boolean'>, depth: number): void {
    // `string & {}` is how the SDK leaves an enum open.
    if (type.isIntersection() && type.types.some(({ flags }) => flags & ts.TypeFlags.String)) return void kinds.add('string')
    if (checker.isArrayType(type)) {
      parameter.items = parameterOf(checker.getTypeArguments(type as ts.TypeReference)[0]!, depth + 1)
      return
    }
    const values = checker.getIndexInfoOfType(type, ts.IndexKind.String)
    if (values) parameter.values = parameterOf(values.type, depth + 1)
    else parameter.fields = { ...parameter.fields, ...fieldsOf(type, depth) }
  }
}
