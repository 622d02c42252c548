import { getIntrospectionQuery, Kind, Lexer, parse, Source, TokenKind, type DocumentNode } from 'graphql'
import { schema } from '#schema/index.ts'
import { AppError } from '#server/platform/core/index.ts'
import { introspectionRowsOf } from './introspection-rows.ts'
import { countOperations } from './selection-counts.ts'

const rows = introspectionRowsOf(schema)

/** The query with which tools read the whole schema; no limit may be below what it takes. */
const wholeSchema = getIntrospectionQuery({
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
})
const [ofWholeSchema] = countOperations(parse(wholeSchema), rows)

/**
 * The most one document may be and may ask for. What is in a fragment counts as often as it is spread. Reading
 * the whole schema takes 240 selections at a depth of 15. Compiling a selection takes 0.1 ms and 1 kB, so that
 * no document stops the server for longer than 50 ms.
 */
const limits = {
  bytes: { max: 64_000, unit: 'bytes' },
  tokens: { max: 5_000, unit: 'names, values and signs' },
  /** The parser, and what comes after it, recurse. */
  nesting: { max: 40, unit: 'brackets inside of each other' },
  directives: { max: 100, unit: 'directives' },
  operations: { max: 20, unit: 'operations' },
  fragments: { max: 100, unit: 'fragments' },
  variables: { max: 100, unit: 'variables' },
  /** Each is a call; a batch over tRPC has as many. */
  rootFields: { max: 20, unit: 'fields at the root of an operation' },
  selections: { max: 500, unit: 'selections, those of a fragment counted as often as it is spread' },
  depth: { max: 20, unit: 'fields inside of each other' },
  aliases: { max: 100, unit: 'aliases, those of a fragment counted as often as it is spread' },
  introspectedValues: { max: 2 * ofWholeSchema!.introspectedValues, unit: 'values of the schema itself' },
} as const

type Limit = keyof typeof limits

/** A document asks for more than one document may. `details` say which limit it exceeds, and by how much. */
class DocumentLimitExceeded extends AppError {
  constructor(limit: Limit, actual: number) {
    const { max, unit } = limits[limit]
    const isSize = limit === 'bytes' || limit === 'tokens'
    const [kind, code] = isSize ? (['too_large', 'DOCUMENT_TOO_LARGE'] as const) : (['invalid_input', 'DOCUMENT_TOO_COMPLEX'] as const)
    super(kind, code, `The document: expected at most ${max} ${unit}, got ${actual}.`, { limit, max, actual })
  }
}

function expectAtMost(limit: Limit, actual: number): void {
  if (actual > limits[limit].max) throw new DocumentLimitExceeded(limit, actual)
}

/** Memory in bytes that documents take, parsed, validated and compiled. Measured: 0.3 kB a token and 1 kB a selection. */
const weights = new WeakMap<DocumentNode, number>()
const BYTES_PER_TOKEN = 400
const BYTES_PER_SELECTION = 1_000

/** About how many bytes of memory a document takes that `parseLimited` made, with what is made of it later. */
export const weightOf = (document: DocumentNode): number => weights.get(document) ?? 0

/**
 * Parses a document that is within the limits. Everything that is checked here takes time in proportion to the
 * text, so that a document which would cost too much costs nothing: it is neither validated nor compiled.
 *
 * @throws DocumentLimitExceeded
 * @throws GraphQLError when the text is no GraphQL.
 */
export function parseLimited(source: string | Source): DocumentNode {
  const text = typeof source === 'string' ? source : source.body
  expectAtMost('bytes', Buffer.byteLength(text))
  const tokens = checkTokens(source)
  const document = parse(source)
  const selections = checkDefinitions(document)
  weights.set(document, 2 * text.length + BYTES_PER_TOKEN * tokens + BYTES_PER_SELECTION * selections)
  return document
}

const opening = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** Looks at the words before the parser does. @returns how many there are. */
function checkTokens(source: string | Source): number {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source)
  let [tokens, nesting, directives] = [0, 0, 0]
  for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; kind = lexer.advance().kind) {
    expectAtMost('tokens', ++tokens)
    if (opening.has(kind)) expectAtMost('nesting', ++nesting)
    else if (closing.has(kind)) nesting--
    else if (kind === TokenKind.AT) expectAtMost('directives', ++directives)
  }
  return tokens
}

/** @returns how many selections its operations have together. */
function checkDefinitions(document: DocumentNode): number {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length
  expectAtMost('operations', operations)
  expectAtMost('fragments', document.definitions.length - operations)
  let selections = 0
  for (const counts of countOperations(document, rows)) {
    selections += counts.selections
    expectAtMost('rootFields', counts.fields)
    expectAtMost('depth', counts.depth)
    expectAtMost('selections', selections)
    expectAtMost('aliases', counts.aliases)
    expectAtMost('introspectedValues', counts.introspectedValues)
  }
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) expectAtMost('variables', definition.variableDefinitions?.length ?? 0)
  return selections
}
