import { expect, test } from 'vitest'
import published from '../../docs/openapi.json' with { type: 'json' }
import { addExamples, findBadExamples, type OpenApiDocument } from '../../scripts/openapi-examples.ts'

const document = published as unknown as OpenApiDocument
const operations = Object.values(document.paths).flatMap((methods) => Object.entries(methods).filter(([method]) => method !== 'options'))
const table = operations.map(([, operation]) => ({ name: operation.operationId, operation }))

const hasExample = (place: object): boolean => 'example' in place || 'examples' in place

test.each(table)('$name is published with an example of its call and of its answer', ({ operation }) => {
  const { parameters = [], requestBody, responses } = operation
  for (const parameter of parameters.filter((each) => each.in === 'path')) expect(hasExample(parameter), parameter.name).toBe(true)
  if (requestBody) expect(hasExample(requestBody.content['application/json']!)).toBe(true)
  // The answer of a link is where it leads.
  if ('303' in responses) return expect(responses[303]).toMatchObject({ headers: { Location: { example: expect.any(String) } } })
  const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  expect(answers.some(([, { content = {} }]) => hasExample(content['application/json']!))).toBe(true)
  const events = answers.flatMap(([, { content = {} }]) => content['text/event-stream'] ?? [])
  for (const content of events) expect(content.example).toMatch(/^(event: \w+\n)?data: /)
})

test('every published example fits its schema', () => {
  expect(findBadExamples(document)).toEqual([])
})

test('an example that does not fit is found, and the place is named', () => {
  const schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
  const operation = {
    operationId: 'createBerth',
    parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
    requestBody: { content: { 'application/json': { schema } } },
    responses: { 200: { content: { 'application/json': { schema } } } },
  }
  const request = { params: {}, query: { limit: 'many' }, body: { name: 9 } }
  addExamples(operation, [{ name: 'json', request, status: 200, body: {} }])
  expect(findBadExamples({ paths: { '/berths/{id}': { post: operation } } }).map((problem) => problem.split(':')[0])).toEqual([
    '#/paths/~1berths~1%7Bid%7D/post/parameters/0',
    '#/paths/~1berths~1%7Bid%7D/post/requestBody/content/application~1json',
    '#/paths/~1berths~1%7Bid%7D/post/responses/200/content/application~1json',
  ])
})
