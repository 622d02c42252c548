import { getIntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { documentOf } from '../../contract/graphql-transport.ts'
import { allOperations } from '../../contract/transports.ts'
import { parseLimited, weightOf } from '../../../app/graphql/document-limits.ts'

/** Fragments that each spread the next one twice. */
const doubling = (count: number, type: string, field: (spread: string) => string) =>
  Array.from({ length: count }, (_, index) => `fragment F${index} on ${type} { ${field(`...F${index + 1}`)} }`).join('\n')

const times = (count: number, part: (index: number) => string) => Array.from({ length: count }, (_, index) => part(index)).join(' ')

describe('a document is refused', () => {
  const tooMuch: [what: string, limit: string, document: string][] = [
    [
      'whose fragments double',
      'selections',
      `{ me { ...F0 } } ${doubling(25, 'SessionUser', (f) => `...${f.slice(3)} ${f}`)}
      fragment F25 on SessionUser { name }`,
    ],
    [
      'whose fragments of the schema double',
      'selections',
      `{ __schema { types { ...F0 } } }
      ${doubling(11, '__Type', (f) => `a: ofType { ${f} } b: ofType { ${f} }`)} fragment F11 on __Type { name }`,
    ],
    [
      'whose fragments go down',
      'depth',
      `{ __schema { types { ...F0 } } }
      ${doubling(25, '__Type', (f) => `ofType { ${f} }`)} fragment F25 on __Type { name }`,
    ],
    ['that asks for the schema again and again', 'rootFields', `{ ${times(500, (i) => `a${i}: __schema { types { name } }`)} }`],
    [
      'that asks for all types again and again',
      'introspectedValues',
      `{ __schema { ${times(90, (i) => `a${i}: types { fields { args { name } } }`)} } }`,
    ],
    [
      'that asks for types inside of types',
      'introspectedValues',
      `{ __schema { types { fields { type { fields { ${times(80, (i) => `a${i}: name`)} } } } } } }`,
    ],
    ['with many fields at its root', 'rootFields', `{ ${times(21, () => 'version { version }')} }`],
    [
      'with many fields at its root by a fragment',
      'rootFields',
      `{ ${times(3, () => '...F')} } fragment F on Query { ${times(7, () => 'version { version }')} }`,
    ],
    ['with many aliases', 'aliases', `{ me { ${times(101, (i) => `a${i}: name`)} } }`],
    ['with many aliases by a fragment', 'aliases', `{ me { ${times(51, () => '...F')} } } fragment F on SessionUser { a: name b: name }`],
    ['that repeats a field', 'selections', `{ me { ${times(600, () => 'name')} } }`],
    ['that repeats a fragment', 'selections', `{ me { ${times(600, () => '...F')} } } fragment F on SessionUser { name }`],
    ['that repeats an inline fragment', 'selections', `{ me { ${times(300, () => '... { name }')} } }`],
    ['with many directives', 'directives', `{ me { name ${times(101, () => '@skip(if: false)')} } }`],
    ['with many variables', 'variables', `query (${times(101, (i) => `$v${i}: Int`)}) { me { name } }`],
    ['with many operations', 'operations', times(21, (i) => `query Q${i} { me { name } }`)],
    ['with many fragments', 'fragments', `{ me { name } } ${times(101, (i) => `fragment F${i} on SessionUser { name }`)}`],
    ['with many words', 'tokens', `{ messages(topic: "a" ${times(2000, (i) => `b${i}: 1`)}) { id } }`],
    ['with many bytes', 'bytes', `{ messages(topic: "${'é'.repeat(32_001)}") { id } }`],
    ['deep in braces', 'nesting', `${'{ a '.repeat(2400)} ${'}'.repeat(2400)}`],
    ['deep in a list', 'nesting', `{ agent(agentId: ${'['.repeat(2400)}${']'.repeat(2400)}) { id } }`],
    ['deep in a type', 'nesting', `query ($v: ${'['.repeat(2400)}Int${']'.repeat(2400)}) { me { name } }`],
  ]
  test.each(tooMuch)('%s: %s', (_what, limit, document) => {
    expect(() => parseLimited(document)).toThrow(expect.objectContaining({ details: expect.objectContaining({ limit }) }))
  })

  test('in no more time than one that is good, however often its fragments double', () => {
    const document = `{ me { ...F0 } } ${doubling(98, 'SessionUser', (f) => `${f} ${f}`)} fragment F98 on SessionUser { name }`
    expect(() => parseLimited(document)).toThrow(/selections/)
  })

  test('with fragments that spread each other by validation, and not by counting for ever', () => {
    const document = parseLimited('{ me { ...A } } fragment A on SessionUser { ...B } fragment B on SessionUser { ...A name }')
    expect(document.definitions).toHaveLength(3)
  })
})

describe('a document is parsed', () => {
  test.each([
    ['of graphql-js', getIntrospectionQuery()],
    [
      'of graphql-js, with everything',
      getIntrospectionQuery({
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      }),
    ],
    [
      'of the whole schema and a query besides',
      `${getIntrospectionQuery().replace('query IntrospectionQuery {', 'query IntrospectionQuery { me { name agents { edges { node { id name } } } }')}`,
    ],
  ])('that tools read the schema with: %s', (_what, query) => {
    expect(parseLimited(query).definitions.length).toBeGreaterThan(0)
  })

  test.each(allOperations)('that asks for everything $name answers', (operation) => {
    expect(parseLimited(documentOf(operation)).definitions).toHaveLength(1)
  })

  test('and weighs as much as it will take: one that asks for more weighs more', () => {
    const [small, large] = [parseLimited('{ me { name } }'), parseLimited(`{ me { ${times(300, () => 'name')} } }`)]
    expect(weightOf(large)).toBeGreaterThan(20 * weightOf(small))
  })
})
