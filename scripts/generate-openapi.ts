import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import packageJson from '../package.json' with { type: 'json' }
import { errorKinds } from '../server/platform/core/errors.ts'
import { buckets } from '../server/platform/core/rate-limits.ts'
import type { Operation } from '../server/platform/operations/operation.ts'
import { hasBody } from '../server/platform/operations/rest-request.ts'
import { isByAction, type Preflight, type RestBinding, type RestEntry } from '../server/platform/operations/rest.ts'
import { addExamples, findBadExamples, type OpenApiDocument } from './openapi-examples.ts'
import { restExamples } from './rest-examples.ts'
import { loadRestBindings } from './routes.ts'

const ErrorBody = z
  .looseObject({
    error: z.string().min(1).describe('What went wrong, for people.'),
    code: z.string().describe('Stable machine-readable code.'),
    retryAfterSeconds: z.int().min(0).optional().describe('Seconds to wait before trying again.'),
  })
  .meta({
    id: 'Error',
    description: 'The one error body. Some codes add fields.',
    examples: [{ error: 'No agent has this id.', code: 'AGENT_NOT_FOUND' }],
  })

const rateLimitHeaders = {
  'RateLimit-Limit': { description: 'Calls allowed in the present window.', schema: { type: 'integer' as const } },
  'RateLimit-Remaining': { description: 'Calls left in the present window.', schema: { type: 'integer' as const } },
  'RateLimit-Reset': { description: 'Seconds until the window starts over.', schema: { type: 'integer' as const } },
}

/** The OpenAPI 3.1 document of this server, made from its routes, bindings and operations. */
export async function generateOpenApi(): Promise<OpenApiDocument> {
  const paths: ZodOpenApiPathsObject = {}
  const routes = await loadRestBindings()
  for (const { documentPath, bindings, preflight } of routes) {
    paths[documentPath] = {
      ...Object.fromEntries(
        Object.entries(bindings).map(([method, entry]) => [method.toLowerCase(), describeEntry(method, documentPath, entry)]),
      ),
      ...(preflight ? { options: describePreflight(preflight) } : {}),
    }
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Agentbot API',
      version: packageJson.version,
      description: packageJson.description,
    },
    servers: [{ url: '/', description: 'The server that serves this document.' }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b))),
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'agentbot-session', description: 'Set by signing in, for 30 days.' },
        apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'sk_*', description: 'An API key. Starts with `sk_`.' },
      },
    },
  }) as unknown as OpenApiDocument
  for (const { path, documentPath, bindings } of routes) {
    for (const [method, entry] of Object.entries(bindings))
      addExamples(document.paths[documentPath]![method.toLowerCase()]!, restExamples(method, path, entry))
  }
  const problems = findBadExamples(document)
  if (problems.length > 0) throw new Error(`Examples do not fit their schemas:\n${problems.join('\n')}`)
  return document
}

function describeEntry(method: string, path: string, entry: RestEntry): ZodOpenApiOperationObject {
  if (!isByAction(entry)) return describe(method, path, entry, entry.operation)
  const [first] = Object.values(entry.actions)
  const { id, tag, summary, description, output, errors = [], ...document } = entry.document
  const shared: RestBinding = { id, tag, operation: first!.operation, output, document, errors: [400, 401, 404, 502, ...errors] }
  return describe(method, path, shared, { summary, ...(description ? { description } : {}) })
}

const describePreflight = ({ id, tag, summary }: Preflight): ZodOpenApiOperationObject => ({
  operationId: id,
  tags: [tag],
  summary,
  security: [],
  responses: { '204': { description: 'Allowed.' } },
})

function describe(
  method: string,
  path: string,
  binding: RestBinding,
  { summary, description }: { summary: string; description?: string },
): ZodOpenApiOperationObject {
  const { operation, id, tag, status = 200 } = binding
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const fields = fieldsOf(binding, parameters)
  const query = hasBody(method, binding) ? undefined : (binding.document?.query ?? fields)
  const body = hasBody(method, binding) ? (binding.document?.body ?? fields) : undefined
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    security: securityOf(operation),
    ...(operation.bucket
      ? {
          'x-rate-limit': {
            limit: buckets[operation.bucket].limit,
            window: buckets[operation.bucket].seconds,
            per: buckets[operation.bucket].per,
            bucket: operation.bucket,
          },
        }
      : {}),
    requestParams: {
      ...(parameters.length > 0 ? { path: z.object(Object.fromEntries(parameters.map((name) => [name, z.string()]))) } : {}),
      ...(query ? { query: query as z.ZodObject } : {}),
    },
    ...(body
      ? {
          requestBody: {
            required: true,
            content: {
              ...(binding.document?.form ? { 'multipart/form-data': { schema: binding.document.form } } : {}),
              'application/json': { schema: body },
            },
          },
        }
      : {}),
    ...(binding.requestHeadersOf ? { parameters: headersSent(binding) } : {}),
    responses: binding.redirect
      ? redirects(binding)
      : {
          [String(status)]: {
            description: 'Done.',
            ...(operation.bucket ? { headers: rateLimitHeaders } : {}),
            content: {
              'application/json': { schema: binding.output ?? operation.output },
              ...(binding.download
                ? { 'application/octet-stream': { schema: { type: 'string', description: 'The bytes, under the stored media type.' } } }
                : {}),
              ...(binding.stream
                ? {
                    'text/event-stream': {
                      schema: {
                        type: 'string',
                        description: 'Events `start`, `delta`, `tool`, then `done` or `error`; each `data:` is one JSON object.',
                      },
                    },
                  }
                : {}),
            },
          },
          ...Object.fromEntries(
            Object.entries(binding.document?.otherStatuses ?? {}).map(([code, schema]) => [
              code,
              {
                description: 'Done.',
                ...(operation.bucket ? { headers: rateLimitHeaders } : {}),
                content: { 'application/json': { schema } },
              },
            ]),
          ),
          ...Object.fromEntries(
            errorStatuses(binding, hasBody(method, binding)).map((code) => [
              String(code),
              { description: titleOf(code), content: { 'application/json': { schema: binding.errorSchema ?? ErrorBody } } },
            ]),
          ),
        },
  } as ZodOpenApiOperationObject
}

/** A link that is followed: where it leads is the answer, whatever happens. */
const redirects = ({ redirect, operation }: RestBinding) => ({
  '303': {
    description: 'See Location.',
    headers: {
      ...(operation.bucket ? rateLimitHeaders : {}),
      Location: {
        description: 'Where to go.',
        schema: { type: 'string' as const, format: 'uri-reference' },
        example: redirect!.to(operation.output.parse(operation.example.output)),
      },
    },
  },
  '429': { description: titleOf(429), content: { 'application/json': { schema: ErrorBody } } },
})

/** The headers the input is read from, with what they are in the example. */
const headersSent = ({ requestHeadersOf, operation }: RestBinding) =>
  Object.entries(requestHeadersOf!(operation.example.input)).map(([name, example]) => ({
    name,
    in: 'header' as const,
    required: true,
    schema: { type: 'string' as const },
    example,
  }))

/** The operation's input without what the path carries; undefined when nothing is left. */
function fieldsOf({ operation, params }: RestBinding, parameters: string[]): z.ZodType | undefined {
  if (!('shape' in operation.input)) return operation.input
  const inPath = new Set([...parameters, ...Object.values(params ?? {})])
  const shape = Object.fromEntries(Object.entries(operation.input.shape as z.ZodRawShape).filter(([name]) => !inPath.has(name)))
  return Object.keys(shape).length > 0 ? z.object(shape) : undefined
}

function securityOf({ access, credentials }: Operation): Record<string, string[]>[] {
  if (credentials) return credentials.map((name) => (name === 'none' ? {} : { [name]: [] }))
  if (access === 'public') return []
  if (access === 'session') return [{ session: [] }]
  return [{ session: [] }, { apiKey: [] }, ...(access === 'optional' ? [{}] : [])]
}

function errorStatuses({ operation, errors = [] }: RestBinding, takesBody: boolean): number[] {
  const always = [
    ...(operation.access === 'public' || operation.access === 'optional' ? [] : [401]),
    ...(operation.scope ? [403] : []),
    ...(takesBody || Object.keys((operation.input as z.ZodObject).shape ?? {}).length > 0 ? [400] : []),
    ...(takesBody ? [413, 415] : []),
    ...(operation.bucket ? [429] : []),
    ...(operation.kind === 'mutation' && operation.idempotent ? [409] : []),
    500,
  ]
  return [...new Set([...always, ...errors])].sort((a, b) => a - b)
}

const titleOf = (status: number): string => Object.values(errorKinds).find((kind) => kind.status === status)?.title ?? 'Failure'
