import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTolerantProvider, type TolerantProvider } from '../../fakes/tolerant-provider.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let provider: TolerantProvider
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startTolerantProvider()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url })
  account = await server.createAccount()
})
beforeEach(() => void (provider.bodies.length = 0))
afterAll(async () => {
  await server.close()
  await provider.close()
})

const MODEL = 'compatible/text-embedding-3-small'
const embed = (body: object) => server.call('POST', '/v1/embeddings', { key: account.key, body: { model: MODEL, ...body } })

const vector = (index: number | null, embedding: unknown = [index, 0.5]) => ({ object: 'embedding', index, embedding })
const answer = (data: unknown, more: object = {}) =>
  provider.answer('/embeddings', {
    object: 'list',
    data,
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 4, total_tokens: 4 },
    ...more,
  })

const one = [vector(0)]
const two = [vector(0), vector(1)]

describe('what is embedded', () => {
  test.each<[what: string, input: unknown, data: unknown]>([
    ['a text', 'slack water', one],
    ['texts', ['slack', 'water'], two],
    ['tokens', [15339, 1917], one],
    ['tokens of several texts', [[15339], [9906, 7]], two],
    ['very many tokens', Array.from({ length: 30_000 }, () => 7), one],
  ])('%s, as it came', async (_, input, data) => {
    answer(data)
    const { status, body } = await embed({ input, dimensions: null, encoding_format: null, user: 'u1', input_type: 'query' })
    expect({ status, vectors: body.data.length }).toEqual({ status: 200, vectors: (data as unknown[]).length })
    const sent = { model: 'text-embedding-3-small', input, user: 'u1', input_type: 'query', encoding_format: 'float' }
    expect(provider.bodies).toEqual([sent])
  })

  test.each([[''], [[]], [['']], [['a', 7]], [[[]]], [[[7], []]], [[-1]], [[1.5]], [{}], [7], [Array.from({ length: 2049 }, () => 'x')]])(
    'is not %j',
    async (input) => {
      expect(await embed({ input })).toMatchObject({ status: 400, body: { error: { param: 'input' } } })
      expect(provider.bodies).toEqual([])
    },
  )

  test('over tRPC and GraphQL as well', async () => {
    answer(two)
    const { data } = await server.trpc(account).openai.embed.mutate({ model: MODEL, input: [[1], [2]] })
    expect(data).toHaveLength(2)
    const document = 'mutation ($input: [String!]!) { embeddings(model: "compatible/text-embedding-3-small", input: $input) }'
    expect((await server.graphql(document, { input: ['slack', 'water'] }, account)).body.data.embeddings.data).toHaveLength(2)
    answer(one)
    expect((await server.graphql(document, { input: 'slack' }, account)).body.data.embeddings.data).toHaveLength(1)
  })
})

describe('usage is what the provider counted, or estimated and said so', () => {
  test.each<[usage: unknown, expected: object]>([
    [{ total_tokens: 10 }, { prompt_tokens: 10, total_tokens: 10 }],
    [
      { prompt_tokens: 9, total_tokens: 10 },
      { prompt_tokens: 9, total_tokens: 9 },
    ],
    [
      { prompt_tokens: -1, total_tokens: 10 },
      { prompt_tokens: 10, total_tokens: 10 },
    ],
    [{}, { prompt_tokens: 3, total_tokens: 3, estimated: true }],
    [null, { prompt_tokens: 3, total_tokens: 3, estimated: true }],
    [-1, { prompt_tokens: 3, total_tokens: 3, estimated: true }],
    ['many', { prompt_tokens: 3, total_tokens: 3, estimated: true }],
  ])('%j', async (usage, expected) => {
    answer(one, { usage })
    expect((await embed({ input: 'slack water' })).body).toMatchObject({ data: [{ embedding: [0, 0.5] }], usage: expected })
  })

  test('as many tokens as were sent', async () => {
    answer(one, { usage: undefined })
    expect((await embed({ input: [1, 2, 3, 4, 5] })).body.usage).toEqual({ prompt_tokens: 5, total_tokens: 5, estimated: true })
  })
})

describe('vectors are those of the texts', () => {
  const input = ['a', 'b', 'c']
  const good = [vector(0), vector(1), vector(2)]
  const embeddings = ({ data }: { data: { embedding: unknown }[] }) => data.map(({ embedding }) => embedding)
  const expected = [
    [0, 0.5],
    [1, 0.5],
    [2, 0.5],
  ]

  test.each<[what: string, data: unknown]>([
    ['in another order', good.toReversed()],
    ['by their place', good.map(({ embedding }) => ({ index: null, embedding }))],
    ['with no more than them', good.map(({ embedding }) => ({ embedding }))],
  ])('%s', async (_, data) => {
    answer(data)
    expect(embeddings((await embed({ input })).body)).toEqual(expected)
  })

  test('in base64, which was not asked for', async () => {
    answer(expected.map((numbers, index) => vector(index, Buffer.from(new Float32Array(numbers).buffer).toString('base64'))))
    expect(embeddings((await embed({ input })).body)).toEqual(expected)
  })

  test.each([
    'text-embedding-3-small',
    'text-embedding-3-small-v1',
    'openai/text-embedding-3-small',
    'Text_Embedding_3_Small:latest',
    'text-embedding-3',
    '',
    null,
    7,
  ])('of the model that calls itself %j', async (model) => {
    answer(good, { model })
    expect((await embed({ input })).status).toBe(200)
  })

  test('and an error in an answer of status 200 has the status it names', async () => {
    provider.answer('/embeddings', { error: { message: 'Come back later', code: 429 } })
    expect(await embed({ input })).toMatchObject({ status: 429, body: { error: { message: expect.stringContaining('Come back later') } } })
  })

  test.each<[what: string, data: unknown, more?: object, asked?: object]>([
    ['two for three texts', two],
    ['four for three texts', [...good, vector(3)]],
    ['none', []],
    ['no list', { 0: [1] }],
    ['an index twice', [vector(0), vector(1), vector(1)]],
    ['an index that is missing', [vector(0), vector(1), vector(3)]],
    ['an index that is none', [vector(0), vector(1), { ...vector(2), index: 'two' }]],
    ['of different lengths', [vector(0), vector(1), vector(2, [1, 2, 3])]],
    ['of another length than asked for', good, {}, { dimensions: 3 }],
    ['empty', [vector(0, []), vector(1, []), vector(2, [])]],
    ['with something that is no number', [vector(0), vector(1), vector(2, [1, null])]],
    ['of another model', good, { model: 'text-embedding-3-large' }],
  ])('and refused with 502: %s', async (_, data, more = {}, asked = {}) => {
    answer(data, more)
    expect(await embed({ input, ...asked })).toMatchObject({ status: 502, body: { error: { code: 'MODEL_FAILED' } } })
  })
})
