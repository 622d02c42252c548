import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { RestExample } from './rest-examples.ts'

interface Content {
  schema: object
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface Parameter {
  name: string
  in: string
  schema: object
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface OperationObject {
  operationId: string
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Content> }
  responses: Record<string, { content?: Record<string, Content> }>
}

/** The parts of an OpenAPI document that can have examples. */
export interface OpenApiDocument {
  [part: string]: unknown
  paths: Record<string, Record<string, OperationObject>>
}

/** Writes examples of its calls into a documented operation: where there are several, under their names. */
export function addExamples(operation: OperationObject, examples: RestExample[]): void {
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in === 'header') continue
    show(
      parameter,
      examples.map(({ name, request }) => ({ name, value: { ...request.query, ...request.params }[parameter.name] })),
    )
  }
  const json = operation.requestBody?.content['application/json']
  if (json)
    show(
      json,
      examples.map(({ name, request }) => ({ name, value: request.body })),
    )
  for (const { name, status, body, events } of examples) {
    const content = operation.responses[status]?.content
    // Of a link that sends people on.
    if (!content) continue
    if (events !== undefined) content['text/event-stream']!.example = events
    else (content['application/json']!.examples ??= {})[name] = { value: body }
  }
}

function show(place: Parameter | Content, examples: { name: string; value: unknown }[]): void {
  const given = examples.filter(({ value }) => value !== undefined)
  const isOne = new Set(given.map(({ value }) => JSON.stringify(value))).size === 1
  if (isOne) place.example = given[0]!.value
  else if (given.length > 0) place.examples = Object.fromEntries(given.map(({ name, value }) => [name, { value }]))
}

/** Every example, by the JSON pointer of what it is an example of. */
function* examplesIn({ paths }: OpenApiDocument): Generator<{ pointer: string; place: Parameter | Content }> {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { parameters = [], requestBody, responses }] of Object.entries(methods)) {
      const pointer = `#/paths/${escape(path)}/${method}`
      for (const [index, place] of parameters.entries()) yield { pointer: `${pointer}/parameters/${index}`, place }
      for (const [type, place] of Object.entries(requestBody?.content ?? {}))
        yield { pointer: `${pointer}/requestBody/content/${escape(type)}`, place }
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, place] of Object.entries(content))
          yield { pointer: `${pointer}/responses/${status}/content/${escape(type)}`, place }
      }
    }
  }
}

const escape = (step: string): string => encodeURI(step.replaceAll('~', '~0').replaceAll('/', '~1'))

/** Examples of a document that do not fit their schemas: where they are, and what is wrong with them. */
export function findBadExamples(document: OpenApiDocument): string[] {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }))
  ajv.addFormat('base64', true)
  ajv.addSchema(document, 'document')
  return [...examplesIn(document)].flatMap(({ pointer, place }) => {
    const values = [...('example' in place ? [place.example] : []), ...Object.values(place.examples ?? {}).map(({ value }) => value)]
    if (values.length === 0) return []
    const fits = ajv.compile({ $ref: `document${pointer}/schema` })
    return values.flatMap((value) => (fits(value) ? [] : [`${pointer}: ${ajv.errorsText(fits.errors)}`]))
  })
}
