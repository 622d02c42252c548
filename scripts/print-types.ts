import ts from 'typescript'

/** Writes a type out as TypeScript source that depends on no other file. @throws when it is not plain data. */
export type PrintType = (type: ts.Type) => string

/**
 * Writes plain data types out member by member: primitives, literals, unions, arrays, tuples, objects,
 * index signatures and `AsyncIterable`. `nameOf` may give a name to write instead of a type.
 */
export function createTypePrinter(
  checker: ts.TypeChecker,
  location: ts.Node,
  nameOf: (type: ts.Type) => string | undefined = () => undefined,
) {
  const open = new Set<ts.Type>()

  /** The type by its name, when it has one. */
  const print: PrintType = (type) => nameOf(type) ?? printMembers(type)

  /** The type itself; names are only used inside it. */
  const printMembers: PrintType = (type) => {
    if (type.isUnion() && !(type.flags & ts.TypeFlags.Boolean)) return printUnion(type.types)
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return printSimple(type)
    if (open.has(type)) throw new Error(`The type ${checker.typeToString(type)} contains itself; it has to be written by name.`)
    open.add(type)
    try {
      return printObject(type)
    } finally {
      open.delete(type)
    }
  }

  const printSimple: PrintType = (type) => {
    const notData = ts.TypeFlags.Any | ts.TypeFlags.TypeParameter | ts.TypeFlags.Conditional | ts.TypeFlags.ESSymbolLike
    if (type.flags & notData) throw new Error(`The type ${checker.typeToString(type)} cannot be written out.`)
    return checker.typeToString(type, location, ts.TypeFormatFlags.NoTruncation)
  }

  /** `true | false` among the parts is one `boolean` again. */
  const printUnion = (types: readonly ts.Type[]): string => {
    const parts = types.map(print)
    const isBoolean = parts.includes('true') && parts.includes('false')
    const others = isBoolean ? parts.filter((part) => part !== 'true' && part !== 'false') : parts
    return [...new Set(isBoolean ? [...others, 'boolean'] : others)].sort(compareInUnion).join(' | ')
  }

  const printObject: PrintType = (type) => {
    if (checker.isArrayType(type)) return arrayOf(print(argumentOf(type)))
    if (checker.isTupleType(type))
      return `[${checker
        .getTypeArguments(type as ts.TypeReference)
        .map(print)
        .join(', ')}]`
    if (type.symbol?.name === 'AsyncIterable') return `AsyncIterable<${print(argumentOf(type))}>`
    if (type.getCallSignatures().length > 0) throw new Error(`The function ${checker.typeToString(type)} is not data.`)
    const indexes = checker.getIndexInfosOfType(type)
    const properties = checker.getPropertiesOfType(type)
    const [index] = indexes
    if (index && indexes.length === 1 && properties.length === 0) return `Record<${print(index.keyType)}, ${print(index.type)}>`
    const members = [...indexes.map((info) => `[key: ${print(info.keyType)}]: ${print(info.type)}`), ...properties.map(printProperty)]
    return members.length === 0 ? '{}' : `{ ${members.join('; ')} }`
  }

  const printProperty = (property: ts.Symbol): string => {
    const type = checker.getTypeOfSymbolAtLocation(property, location)
    const key = /^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name)
    if (!(property.flags & ts.SymbolFlags.Optional)) return `${key}: ${print(type)}`
    const given = type.isUnion() ? type.types.filter((part) => !(part.flags & ts.TypeFlags.Undefined)) : [type]
    return `${key}?: ${printOptional(checker.getNonNullableType(type), given)}`
  }

  /** A named union stays named although `undefined` was mixed into it. */
  const printOptional = (nonNullable: ts.Type, given: readonly ts.Type[]): string => {
    const name = given.every((part) => !(part.flags & ts.TypeFlags.Null)) ? nameOf(nonNullable) : undefined
    return name ?? printUnion(given)
  }

  const argumentOf = (type: ts.Type): ts.Type => {
    const [argument] = checker.getTypeArguments(type as ts.TypeReference)
    if (!argument) throw new Error(`The type ${checker.typeToString(type)} has no argument.`)
    return argument
  }

  return { print, printMembers }
}

const arrayOf = (item: string): string => (/^\w+$/.test(item) ? `${item}[]` : `Array<${item}>`)

/** The compiler's own order of parts changes with unrelated code; this one does not. */
const compareInUnion = (a: string, b: string): number => rankInUnion(a) - rankInUnion(b) || (a < b ? -1 : 1)
const rankInUnion = (part: string): number => ['null', 'undefined', 'void'].indexOf(part)
