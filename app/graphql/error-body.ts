import type { AppError } from '#server/platform/core/errors.ts'

/** A failure of a whole request, as GraphQL writes it. */
export const graphqlErrorBody = ({ message, details, code, status }: AppError, requestId: string) => ({
  errors: [{ message, extensions: { ...details, code, status, requestId } }],
})
