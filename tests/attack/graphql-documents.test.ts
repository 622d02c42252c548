import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let server: AttackedServer
beforeAll(async () => {
  server = await startAttackedServer({ RATE_LIMIT_SCALE: '1000' })
})
afterAll(() => server.close())

const times = (count: number, part: (index: number) => string): string => Array.from({ length: count }, (_, index) => part(index)).join(' ')
const doubling = (levels: number): string =>
  `{ __schema { types { ...F0 } } } ${times(levels, (level) => `fragment F${level} on __Type { a: ofType { ...F${level + 1} } b: ofType { ...F${level + 1} } }`)} fragment F${levels} on __Type { name }`

/** Each is sent with another number in it, so that none is known already. */
const attacks: [what: string, document: (count: number) => string][] = [
  ['whose fragments double', (count) => `# ${count}\n${doubling(25)}`],
  [
    'that ask for the schema two thousand times',
    (count) => `{ ${times(2000, (index) => `a${count}x${index}: __schema { types { name } }`)} }`,
  ],
  [
    'that ask for all types a hundred times',
    (count) => `{ __schema { ${times(100, (index) => `a${count}x${index}: types { fields { args { name } } }`)} } }`,
  ],
  ['with forty thousand braces', (count) => `# ${count}\n${'{ a '.repeat(20_000)}${'}'.repeat(20_000)}`],
  ['that repeat a field', (count) => `# ${count}\n{ ${'__typename '.repeat(5_500)} }`],
  ['that repeat a fragment', (count) => `# ${count}\n{ ${'...F '.repeat(1_600)} } fragment F on Query { __typename }`],
  ['with many directives', (count) => `# ${count}\n{ __typename ${'@skip(if: false) '.repeat(3_000)} }`],
  ['with many variables', (count) => `query (${times(1_500, (index) => `$v${count}x${index}: Int`)}) { __typename }`],
  ['with many operations', (count) => times(1_000, (index) => `query Q${count}x${index} { __typename }`)],
  ['with fields there are not', (count) => `{ ${times(450, (index) => `no${count}Such${index}Field`)} }`],
  [
    'as large as may be',
    (count) => `{ me { ${times(100, (index) => `a${count}x${index}: name`)} ${'name '.repeat(390)} } } # ${'x'.repeat(50_000)}`,
  ],
]

test.each(attacks)('documents %s keep nobody else from being served', async (_what, document) => {
  await server.underWatch({ maxGrowthMb: 150 }, async () => {
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => server.call('POST', '/graphql', { body: { query: document(round * 10 + index) } })),
      )
      for (const { status } of answers) expect([200, 400, 413]).toContain(status)
    }
  })
})

test('thousands of documents that are all different do not stay in memory', async () => {
  const known = times(80, (index) => `a${index}: name`)
  // Garbage may fill the heap up to its limit before it is cleared away. Documents that are kept do not fit into it:
  // the server dies of them half way.
  await server.underWatch({ maxGrowthMb: 320 }, async () => {
    for (let round = 0; round < 150; round++) {
      const queries = Array.from({ length: 10 }, (_, index) => `{ me { ${known} z${round}x${index}: name } } # ${'x'.repeat(60_000)}`)
      const answers = await Promise.all(queries.map((query) => server.call('POST', '/graphql', { body: { query } })))
      for (const { status } of answers) expect(status).toBe(200)
    }
  })
})
