import { initTRPC, TRPCError, type TRPCMutationProcedure, type TRPCQueryProcedure } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { z } from 'zod'
import type { Context } from '#server/platform/core/context.ts'
import { AppError, errorKinds, InvalidInput, toAppError } from '#server/platform/core/errors.ts'
import { execute, executeStream, UnreadInput } from '#server/platform/operations/execute.ts'
import type { Mutation, Operation, Query, Stream } from '#server/platform/operations/operation.ts'

const t = initTRPC.context<Context>().create({
  errorFormatter: ({ shape, error, ctx }) => {
    const { code, details } =
      error.cause instanceof AppError ? error.cause : { code: shape.data.code, details: {} as Record<string, unknown> }
    // Stack traces stay inside, in development too: they would be the one difference between the doors.
    const { stack: _stack, ...data } = shape.data
    return { ...shape, data: { ...data, appCode: code, details, requestId: ctx?.requestId } }
  },
})

export const router = t.router

/** Input as a caller writes it; an operation that needs none can be called without. */
type CallerInput<I extends z.ZodType> = {} extends z.input<I> ? z.input<I> | void : z.input<I>

type ErrorShape = (typeof t)['_config']['$types']['errorShape']

/** The procedure of an operation, with its types. */
type ProcedureOf<O> =
  O extends Query<infer I, infer Out>
    ? TRPCQueryProcedure<{ meta: object; errorShape: ErrorShape; input: CallerInput<I>; output: z.output<Out> }>
    : O extends Mutation<infer I, infer Out>
      ? TRPCMutationProcedure<{ meta: object; errorShape: ErrorShape; input: CallerInput<I>; output: z.output<Out> }>
      : O extends Stream<infer I, infer Out>
        ? TRPCMutationProcedure<{ meta: object; errorShape: ErrorShape; input: CallerInput<I>; output: AsyncIterable<z.output<Out>> }>
        : never

/** The procedures of a domain, one per operation of its table; a stream is a mutation that returns an async iterable. */
export const proceduresOf = <T extends Record<string, Operation>>(table: T): { [K in keyof T]: ProcedureOf<T[K]> } =>
  // `fromEntries` forgets which name has which type; the loop keeps them together.
  Object.fromEntries(Object.entries(table).map(([name, operation]) => [name, procedureOf(operation)])) as never

// `execute` reads the input once it has let the caller in, and parses it, as for every door.
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
  return withUnreadInput.mutation(async ({ ctx }) =>
    translateEach(ctx, await translate(ctx, () => executeStream(operation, ctx, ctx.input))),
  )
}

async function* translateEach<T>(ctx: Context, events: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* events
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

/** A failure of a whole request that tRPC has not seen, as tRPC writes it. */
export function trpcErrorBody({ kind, code: appCode, message, details }: AppError, requestId: string) {
  const { trpc: code, status: httpStatus } = errorKinds[kind]
  return { error: { message, code: TRPC_ERROR_CODES_BY_KEY[code], data: { code, httpStatus, appCode, details, requestId } } }
}
