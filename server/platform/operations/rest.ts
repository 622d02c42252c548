import { z } from 'zod'
import { InvalidInput, type AppError, type Context, type Platform } from '../core/index.ts'
import { defineMutation, type Mutation, type Query, type Stream } from './operation.ts'

/** A REST request, taken apart. Query values are texts; the body is whatever JSON was sent, `{}` when there was none. */
export interface RestRequest {
  params: Record<string, string>
  query: Record<string, string>
  body: unknown
  /** The body as it arrived, where it came as JSON: what is signed are the bytes, and not what they mean. */
  text?: string
  header(name: string): string | null
}

/** A stream whose events are `data:` lines without names, as clients of other APIs expect it. */
export interface StreamFormat {
  /** The data of one event; undefined for events that are not sent. */
  data(event: unknown): unknown
  /** The data of a failure after the first event. */
  error(error: AppError): unknown
  /** Sent at the end of a stream that did not fail. */
  end: string
}

/** A file in a form, while it arrives. */
export interface IncomingFile {
  /** What the sender calls it. */
  name: string
  /** What the sender says it is. */
  type: string
  bytes: AsyncIterable<Uint8Array>
}

/** A form (`multipart/form-data`) that has not been read yet. */
export interface IncomingForm {
  /**
   * Reads it to the end. `keep` gets the first file called `field` while it arrives; other files are passed over.
   *
   * @returns the texts, by name.
   * @throws InvalidInput when the form is malformed or breaks off; what `keep` throws, at once.
   */
  read(field: string, keep: (file: IncomingFile) => Promise<void>): Promise<Record<string, string>>
}

/** A file to answer with. */
export interface Download {
  /** Safe in a header. */
  name: string
  type: string
  /** Undefined for one that is made while it is sent: it has no parts that could be asked for. */
  size?: number
  etag?: string
  /** First and last byte, both part of it; the whole file without. */
  open(range?: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>
}

type Callable<I extends z.ZodType, O extends z.ZodType> = Query<I, O> | Mutation<I, O>

/**
 * How the documented REST call wraps an operation: where its input comes from and what its answer looks like. Who may call and
 * what a call counts as is said by the operation alone.
 */
export interface RestBinding<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** `operationId` in the OpenAPI document. */
  id: string
  tag: string
  operation: Callable<I, O>
  /** Serves callers that want the answer bit by bit: those `isStreamWanted` says, else those that accept `text/event-stream`. */
  stream?: Stream
  isStreamWanted?: (request: RestRequest) => boolean
  /** How one event of the stream is written, where it is not an event named after its `type`. */
  streamFormat?: StreamFormat
  /** Serves callers that send a form, in place of what the operation runs: it is read while it arrives, once the caller was let in. */
  form?: (ctx: Context, form: IncomingForm) => Promise<z.input<O>>
  /** Where a file can be asked for: that file in place of JSON, or undefined. */
  download?: (ctx: Context, request: RestRequest) => Promise<Download> | undefined
  /** Of a success; 200 when left out. */
  status?: number
  /** Where a success can have other statuses too: which one this output has. */
  statusOf?: (output: z.output<O>) => number
  /** What a path parameter is called in the operation's input, where that is another name; `*` is what the rest of a path takes. */
  params?: Record<string, string>
  /** Builds the operation's input. When left out: path parameters, query and body together. */
  input?: (request: RestRequest) => unknown
  /** Its body may also be a list, which `input` makes something of. */
  takesList?: true
  /** The other way round, for examples: the body that becomes an input, where it is not the input without what the path says. */
  bodyOf?: (input: z.input<I>) => unknown
  /** The same for headers it is read from. */
  requestHeadersOf?: (input: z.input<I>) => Record<string, string>
  /** What the caller calls a field of the operation's input, for errors, where it is not the name of a path parameter or the same. */
  fieldName?: (field: string, request: RestRequest) => string
  /** The documented body where it is not the operation's output as it is. */
  output?: z.ZodType
  body?: (output: z.output<O>, request: RestRequest) => unknown
  /** It is a link that people follow: they are sent on (303), and what went wrong is said by the page that they get to. */
  redirect?: { to(output: z.output<O>): string; onError(error: AppError, request: RestRequest): string }
  /** Though it changes something, it is called with GET: a page of somebody else's that makes a browser do that gains nothing by it. */
  isHarmlessByGet?: true
  /** Extra fields an error of this call has in its body. */
  errorBody?: (status: number) => Record<string, unknown>
  /** The whole body of a failure, for calls whose documented error is not the usual one. */
  writeError?: (error: AppError) => Record<string, unknown>
  /** The schema of that body, for the OpenAPI document. */
  errorSchema?: z.ZodType
  headers?: Record<string, string>
  /** Headers that say what the output says, so that an answer that is given again has them too. */
  headersOf?: (output: z.output<O>) => Record<string, string>
  /** For the OpenAPI document: parameters and body where they differ from the operation's input. */
  document?: {
    query?: z.ZodType
    body?: z.ZodType
    form?: z.ZodType
    success?: string
    otherStatuses?: Record<number, z.ZodType>
  }
  /** Documented failures besides those every call can have. */
  errors?: readonly number[]
}

/** Ties types together; the table is then held without them. */
export const bind = <I extends z.ZodType, O extends z.ZodType>(binding: RestBinding<I, O>): RestBinding => binding as unknown as RestBinding

/** Several operations behind one path: a field of the query or body says which. */
export interface ActionBindings {
  from: 'query' | 'body'
  /** When the field is left out. */
  fallback: string
  actions: Record<string, RestBinding>
  /** Actions that are known and refused to everybody: why. */
  refusals?: Record<string, () => AppError>
  document: {
    id: string
    tag: string
    summary: string
    description?: string
    query?: z.ZodType
    body?: z.ZodType
    output: z.ZodType
    /** Documented failures besides those such a path always has. */
    errors?: readonly number[]
  }
}

export type RestEntry = RestBinding | ActionBindings

/** What OPTIONS says at a path where it has more to say than which methods there are. Answers preflights of browsers too. */
export interface Preflight {
  /** `operationId` in the OpenAPI document. */
  id: string
  tag: string
  summary: string
  headers(platform: Platform, header: RestRequest['header']): Record<string, string>
}

export const isByAction = (entry: RestEntry): entry is ActionBindings => 'actions' in entry

/** The binding a request is for. @throws InvalidInput for an action there is not. */
export function chooseBinding(entry: RestEntry, { query, body }: RestRequest): RestBinding {
  if (!isByAction(entry)) return entry
  const source = (entry.from === 'query' ? query : asObject(body)) as Record<string, unknown>
  const action = source.action === undefined ? entry.fallback : source.action
  const known = Object.keys(entry.actions).filter((name) => name !== '')
  if (typeof action === 'string' && Object.hasOwn(entry.refusals ?? {}, action)) throw entry.refusals![action]!()
  const binding = typeof action === 'string' && Object.hasOwn(entry.actions, action) ? entry.actions[action] : undefined
  if (!binding) throw new InvalidInput([{ field: 'action', message: `expected one of ${known.join(', ')}` }])
  return binding
}

/** The operation's input, read from wherever the binding says. @throws InvalidInput when the body is not an object. */
export function readInput(binding: RestBinding, request: RestRequest): unknown {
  const isTakenList = binding.takesList === true && Array.isArray(request.body)
  if (binding.input) return binding.input({ ...request, body: isTakenList ? request.body : asObject(request.body) })
  const params = Object.entries(request.params).map(([name, value]) => [binding.params?.[name] ?? name, value])
  return { ...asObject(request.body), ...readQuery(binding.operation.input, request.query), ...Object.fromEntries(params) }
}

/** A field of the operation's input by the name this call has for it. */
export function fieldNameIn({ params = {}, fieldName }: RestBinding, request: RestRequest, field: string): string {
  const [param] =
    Object.entries(params).find(([name, inOperation]) => inOperation === field && name in request.params && name !== '*') ?? []
  return param ?? fieldName?.(field, { ...request, body: request.body ?? {} }) ?? field
}

/**
 * The operation as callers run it that send a form: everything but its input is as in the table. What is in the form is not known
 * before it was read, so that it is for the form to see that nothing is done twice (`onceForKey`).
 */
export const formOperation = ({ operation, form }: RestBinding): Mutation =>
  defineMutation({
    ...(operation as Mutation),
    idempotent: false,
    input: z.unknown(),
    run: (ctx, input) => form!(ctx, input as IncomingForm),
  })

function asObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new InvalidInput([{ field: '', message: 'The body: expected a JSON object' }])
  return body as Record<string, unknown>
}

/**
 * Query values are texts by nature: where the schema wants a number or a boolean, a text that is one
 * becomes one. Anything else stays as it is, for the schema to refuse.
 */
export function readQuery(schema: z.ZodType, query: Record<string, string>): Record<string, unknown> {
  const shape = 'shape' in schema ? (schema.shape as Record<string, z.ZodType>) : {}
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => [name, shape[name] ? readQueryValue(typeOf(shape[name]), text) : text]),
  )
}

function readQueryValue(type: string, text: string): unknown {
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** The kind of value a schema wants, behind optional, default and transform. */
function typeOf(schema: z.ZodType): string {
  const def = schema.def as { type: string; innerType?: z.ZodType; in?: z.ZodType }
  const inner = def.innerType ?? def.in
  return inner ? typeOf(inner) : def.type
}
