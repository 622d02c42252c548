import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { errorKinds, type AppError } from '#server/platform/core/index.ts'

/** A failure of a whole request, as GraphQL writes it. */
export const graphqlErrorBody = ({ message, details, code, status }: AppError, requestId: string) => ({
  errors: [{ message, extensions: { ...details, code, status, requestId } }],
})

/** A failure of a whole request that tRPC has not seen, as tRPC writes it. */
export function trpcErrorBody({ kind, code: appCode, message, details }: AppError, requestId: string) {
  const { trpc: code, status: httpStatus } = errorKinds[kind]
  return { error: { message, code: TRPC_ERROR_CODES_BY_KEY[code], data: { code, httpStatus, appCode, details, requestId } } }
}
