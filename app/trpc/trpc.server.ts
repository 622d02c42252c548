import {
  initTRPC,
  tracked,
  TRPCError,
  type TRPCMutationProcedure,
  type TRPCQueryProcedure,
  type TRPCSubscriptionProcedure,
} from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { z } from 'zod'
import { type Context, AppError, errorKinds, InvalidInput, toAppError } from '#server/platform/core/index.ts'
import {
  execute,
  executeTracked,
  UnreadInput,
  type Mutation,
  type Operation,
  type Query,
  type Stream,
  readEventId,
  type StreamConnection,
  type TrackedEvent,
} from '#server/platform/operations/index.ts'
import { KEEP_ALIVE_MS } from '../http/sse.server.ts'
import { isFiniteStream } from './streams.server.ts'

const t = initTRPC.context<Context>().create({
  sse: { ping: { enabled: true, intervalMs: KEEP_ALIVE_MS } },
  errorFormatter: ({ shape, error, ctx, path }) => {
    const { code, details } =
      error.cause instanceof AppError ? error.cause : { code: shape.data.code, details: {} as Record<string, unknown> }
    // Stack traces stay inside, in development too: they would be the one difference between the transports.
    const { stack: _stack, ...data } = shape.data
    return {
      ...shape,
      code: isFiniteStream(path) ? FINAL_CODE : shape.code,
      data: { ...data, appCode: code, details, requestId: ctx?.requestId },
    }
  },
})

/**
 * `httpSubscriptionLink` keeps failures with the codes of 500, 502, 503 and 504 to itself and connects again. What is not
 * done a second time has failed for good, and the caller is to know why: in `data`, where all else is as it was.
 */
const FINAL_CODE = TRPC_ERROR_CODES_BY_KEY.CONFLICT

export const router = t.router

/** Input as a caller writes it; an operation that needs none can be called without. */
type CallerInput<I extends z.ZodType> = {} extends z.input<I> ? z.input<I> | void : z.input<I>

/** Who kept the id of the last event can say so itself; links do when they connect again. */
type StreamInput<I extends z.ZodType> = {} extends z.input<I> ? WithEventId<z.input<I>> | void : WithEventId<z.input<I>>
type WithEventId<T> = { [K in keyof (T & { lastEventId?: string })]: (T & { lastEventId?: string })[K] }

type ErrorShape = (typeof t)['_config']['$types']['errorShape']

/** The procedure of an operation, with its types. */
type ProcedureOf<O> =
  O extends Query<infer I, infer Out>
    ? TRPCQueryProcedure<{ meta: object; errorShape: ErrorShape; input: CallerInput<I>; output: z.output<Out> }>
    : O extends Mutation<infer I, infer Out>
      ? TRPCMutationProcedure<{ meta: object; errorShape: ErrorShape; input: CallerInput<I>; output: z.output<Out> }>
      : O extends Stream<infer I, infer Out>
        ? TRPCSubscriptionProcedure<{
            meta: object
            errorShape: ErrorShape
            input: StreamInput<I>
            output: AsyncIterable<TrackedEvent<z.output<Out>>>
          }>
        : never

/** The procedures of a domain, one per operation of its table; a stream is a subscription. */
export const proceduresOf = <T extends Record<string, Operation>>(table: T): { [K in keyof T]: ProcedureOf<T[K]> } =>
  // `fromEntries` forgets which name has which type; the loop keeps them together.
  Object.fromEntries(Object.entries(table).map(([name, operation]) => [name, procedureOf(operation)])) as never

// `execute` reads the input once it has let the caller in, and parses it, as for every transport.
const withUnreadInput = t.procedure.use(({ ctx, getRawInput, next }) => {
  const read = () => getRawInput().catch((error: TRPCError) => Promise.reject(unreadable(error)))
  return next({ ctx: { ...ctx, input: new UnreadInput(async () => (await read()) ?? {}) } })
})

/** tRPC hides what was thrown while it read a body. */
const unreadable = ({ cause }: TRPCError): AppError =>
  cause instanceof AppError ? cause : new InvalidInput([{ field: '', message: 'The body: expected valid JSON' }])

function procedureOf(operation: Operation) {
  if (operation.kind === 'query') return withUnreadInput.query(({ ctx }) => translate(ctx, () => execute(operation, ctx, ctx.input)))
  if (operation.kind === 'mutation') return withUnreadInput.mutation(({ ctx }) => translate(ctx, () => execute(operation, ctx, ctx.input)))
  return withUnreadInput.subscription(async ({ ctx }) => {
    const connection: StreamConnection = {}
    const input = new UnreadInput(async () => splitEventId(await ctx.input.read(), connection))
    return trackEach(ctx, await translate(ctx, () => executeTracked(operation, ctx, input, connection)))
  })
}

/** tRPC puts the id of the last event into the input, wherever it came from. @throws InvalidInput */
function splitEventId(input: unknown, connection: StreamConnection): unknown {
  if (typeof input !== 'object' || input === null || !('lastEventId' in input)) return input
  const { lastEventId, ...rest } = input
  const id = readEventId(lastEventId)
  if (id !== undefined) connection.lastEventId = id
  return rest
}

async function* trackEach<T>(ctx: Context, events: AsyncGenerator<TrackedEvent<T>>) {
  try {
    for await (const { id, data } of events) yield tracked(id, data)
  } catch (error) {
    throw toTrpcError(ctx, error)
  }
}

async function translate<T>(ctx: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toTrpcError(ctx, error)
  }
}

/** Any failure as tRPC writes it. What nobody expected is logged and hidden. */
export function toTrpcError(ctx: Pick<Context, 'log' | 'requestId'>, error: unknown): TRPCError {
  const known = toAppError(error)
  if (known.kind === 'internal') ctx.log.error({ err: known.cause, requestId: ctx.requestId }, 'a tRPC call failed')
  return new TRPCError({ code: errorKinds[known.kind].trpc, message: known.message, cause: known })
}
