import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import { parse } from 'yaml'
import published from '../../docs/openapi.json' with { type: 'json' }
import type { Answer } from '../helpers/test-server.ts'

export interface Schema {
  $ref?: string
  type?: string | string[]
  required?: string[]
  properties?: Record<string, Schema>
  allOf?: Schema[]
  oneOf?: Schema[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

interface Response {
  $ref?: string
  headers?: Record<string, { description?: string }>
  content?: Record<string, { schema: Schema }>
}

export interface Parameter {
  $ref?: string
  name: string
  in: 'path' | 'query' | 'header'
  schema: Schema
}

interface OperationObject {
  operationId: string
  security: Record<string, unknown>[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, Response>
}

export interface Documented extends OperationObject {
  method: string
  path: string
}

interface Document {
  paths: Record<string, Record<string, OperationObject>>
}

const document = parse(readFileSync(new URL('agentbot.openapi.yaml', import.meta.url), 'utf8')) as Document

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }))
ajv.addSchema(document, 'contract')
ajv.addSchema(published, 'published')

const operationsById = new Map<string, Documented>()
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods))
    operationsById.set(operation.operationId, { ...operation, method: method.toUpperCase(), path })
}

/** What the contract says of an operation. */
export function documented(operationId: string): Documented {
  const operation = operationsById.get(operationId)
  if (!operation) throw new Error(`The contract has no operation "${operationId}".`)
  return operation
}

/** The operation the contract has at a path and method, if any. */
export const operationIdAt = (method: string, path: string): string | undefined =>
  [...operationsById.values()].find((operation) => operation.method === method && operation.path === path)?.operationId

/** Follows a reference inside the contract; anything else is given back as it is. */
export function resolve<T extends { $ref?: string }>(value: T): T {
  if (!value.$ref) return value
  const steps = value.$ref.slice(2).split('/')
  return resolve(steps.reduce((at: unknown, step) => (at as Record<string, unknown>)[step], document) as T)
}

/** The schema of the operation's JSON body, if it takes one. */
export function bodySchema(operationId: string): Schema | undefined {
  const content = documented(operationId).requestBody?.content['application/json']
  return content && resolve(content.schema)
}

/** Whether the contract lets a call without any credential through. */
export const isOpenToAll = (operationId: string): boolean => {
  const { security } = documented(operationId)
  return security.length === 0 || security.some((choice) => Object.keys(choice).length === 0)
}

/** Whether the contract lets an API key call the operation. */
export const acceptsKey = (operationId: string): boolean => documented(operationId).security.some((choice) => 'apiKey' in choice)

/** Asserts that a value fits a schema of the contract, by name. */
export function expectSchema(name: string, value: unknown): void {
  expectFit(`contract#/components/schemas/${name}`, value, name)
}

/**
 * Asserts that an answer is one the contract documents for the operation: its status, the shape of its
 * body (of errors too) and its headers. The document this server publishes has to say the same.
 */
export function expectContract(operationId: string, answer: Answer): void {
  const { path, method } = documented(operationId)
  expectDocumented('contract', document, path, method, answer)
  expectDocumented('published', published as unknown as Document, path, method, answer)
}

function expectDocumented(name: string, { paths }: Document, path: string, method: string, answer: Answer): void {
  const what = `${method} ${path} answering ${answer.status} with ${JSON.stringify(answer.body)}, by the ${name} document`
  const { responses } = paths[path]![method.toLowerCase()]!
  expect(Object.keys(responses), what).toContain(String(answer.status))
  const found = responses[answer.status]!
  const pointer = found.$ref ?? `#/paths/${escape(path)}/${method.toLowerCase()}/responses/${answer.status}`
  const { headers = {}, content } = resolve(found)
  for (const [header, { description = '' }] of Object.entries(headers)) {
    if (!isSometimes.test(description)) expect(answer.headers.has(header), `${what}: header ${header}`).toBe(true)
  }
  if (!content) return
  expect(answer.headers.get('content-type'), what).toContain('application/json')
  expectFit(`${name}${pointer}/content/application~1json/schema`, answer.body, what)
}

/** Descriptions of headers that are not in every answer. */
const isSometimes = /\bonly\b|^(When|On a) /i

const escape = (step: string): string => encodeURI(step.replaceAll('~', '~0').replaceAll('/', '~1'))

const validators = new Map<string, ValidateFunction>()

function expectFit(ref: string, value: unknown, what: string): void {
  if (!validators.has(ref)) validators.set(ref, ajv.compile({ $ref: ref }))
  const validate = validators.get(ref)!
  const problems = validate(value) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
  expect(problems, what).toEqual([])
}
