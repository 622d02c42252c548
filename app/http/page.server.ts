import { data } from '@remix-run/node'
import type { SessionUser } from '#server/identity/accounts/accounts.contract.ts'
import type { SignInProviderFacts } from '#server/identity/oauth/oauth.contract.ts'
import { toAppError } from '#server/platform/core/index.ts'
import { execute } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import type { z } from 'zod'
import { callContext, writeReply } from './call-context.server.ts'
import type { RequestContext } from './request-context.ts'

interface PageVisitor {
  user: z.infer<typeof SessionUser> | null
  /** Headers of the answer: a session that was prolonged sends its cookie again. */
  headers: Headers
}

/**
 * Who looks at a page.
 *
 * @throws what error boundaries show: a response with the words and the status of the failure.
 */
export async function findVisitor(request: Request, context: RequestContext): Promise<PageVisitor> {
  const headers = new Headers()
  try {
    const ctx = await callContext(request, context)
    const { user } = await execute(operations.accounts.session, ctx, {})
    writeReply(headers, ctx)
    return { user, headers }
  } catch (error) {
    const known = toAppError(error)
    if (known.kind === 'internal')
      context.platform.log.error({ err: known.cause, requestId: context.requestId }, 'a page could not be made')
    throw data({ message: known.message, requestId: context.requestId }, { status: known.status })
  }
}

/** What the pages to sign in and to register offer besides a password. */
export async function readProviders(request: Request, context: RequestContext): Promise<SignInProviderFacts[]> {
  return execute(operations.oauth.providers, await callContext(request, context, { isForAnybody: true }), {})
}

/** Public address of the server, as browsers write an origin. */
export const originOf = ({ platform }: RequestContext): string => new URL(platform.env.APP_URL).origin
