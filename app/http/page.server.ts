import { data } from '@remix-run/node'
import type { SessionUser } from '#server/identity/accounts/accounts.contract.ts'
import type { SignInProviderFacts } from '#server/identity/oauth/oauth.contract.ts'
import type { CurrentWorkspace, Workspace } from '#server/identity/workspaces/workspaces.contract.ts'
import { toAppError, type Context } from '#server/platform/core/index.ts'
import { execute } from '#server/platform/operations/index.ts'
import { operations } from '#server/operations.ts'
import type { z } from 'zod'
import { callContext, writeReply } from './call-context.server.ts'
import type { RequestContext } from './request-context.ts'

interface PageVisitor {
  user: z.infer<typeof SessionUser> | null
  /** The workspace the page is of, and all of the visitor's; undefined for who is not signed in. */
  place?: Place
  /** Headers of the answer: a session that was prolonged sends its cookie again. */
  headers: Headers
}

/** The workspace a page is of, and the others there are. */
export interface Place {
  workspace: CurrentWorkspace
  workspaces: Workspace[]
}

/**
 * Who looks at a page.
 *
 * @throws what error boundaries show: a response with the words and the status of the failure.
 */
export const findVisitor = (request: Request, context: RequestContext): Promise<PageVisitor> =>
  visit(request, context, {}, async () => ({}))

/**
 * Who looks at a page of a workspace, and at which.
 *
 * @param workspaceId Id of the workspace; undefined for the one the session is in.
 * @throws as findVisitor does; 404 for a workspace the visitor is not in.
 */
export const findVisitorIn = (request: Request, context: RequestContext, workspaceId: string | undefined): Promise<PageVisitor> =>
  visit(request, context, workspaceId === undefined ? {} : { workspace: workspaceId }, async (ctx) => {
    // A page is one call to whoever counts.
    const counted = { ...ctx, countedIn: 'general' } as const
    const { workspaces: table } = operations
    const [workspace, workspaces] = await Promise.all([execute(table.current, counted, {}), execute(table.list, counted, {})])
    return { place: { workspace, workspaces } }
  })

async function visit(
  request: Request,
  context: RequestContext,
  options: { workspace?: string },
  readMore: (ctx: Context) => Promise<{ place?: Place }>,
): Promise<PageVisitor> {
  const headers = new Headers()
  try {
    const ctx = await callContext(request, context, options)
    const { user } = await execute(operations.accounts.session, ctx, {})
    const more = user ? await readMore(ctx) : {}
    writeReply(headers, ctx)
    return { user, ...more, headers }
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
