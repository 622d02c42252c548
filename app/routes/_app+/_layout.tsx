import { data, redirect, type LoaderFunctionArgs } from '@remix-run/node'
import { Outlet, useLoaderData, type ShouldRevalidateFunctionArgs } from '@remix-run/react'
import { AppHeader } from '../../shell/app-header.tsx'
import { WorkspaceContext } from '../../workspace/workspace.ts'
import { findVisitorIn } from '../../http/page.server.ts'

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const { user, place, headers } = await findVisitorIn(request, context, params.workspaceId)
  if (!user || !place) {
    const { pathname, search } = new URL(request.url)
    throw redirect(`/login?next=${encodeURIComponent(pathname + search)}`, { headers })
  }
  const { name, email, isAdmin } = user
  return data({ user: { name: name ?? email ?? '', email: email ?? '', isAdmin }, userId: user.id, ...place }, { headers })
}

/** Not on every click: calls through tRPC notice a session that ended, and settings ask when the name changed. */
export const shouldRevalidate = ({
  currentUrl,
  currentParams,
  nextUrl,
  nextParams,
  defaultShouldRevalidate,
}: ShouldRevalidateFunctionArgs) =>
  currentParams.workspaceId !== nextParams.workspaceId || (currentUrl.href === nextUrl.href && defaultShouldRevalidate)

export default function AppLayout() {
  const { user, userId, workspace, workspaces } = useLoaderData<typeof loader>()
  return (
    <WorkspaceContext.Provider value={{ workspace, workspaces, userId }}>
      {/* A page with a part that fills it (a chat) is as high as the window, and that part scrolls. */}
      <div className="flex min-h-dvh flex-col has-data-fills-page:h-[max(100dvh,30rem)]">
        <AppHeader user={user} />
        <main
          id="main"
          className="mx-auto flex min-h-0 w-full max-w-5xl flex-1 flex-col px-4 py-5 has-data-fills-page:pb-3 sm:px-6 sm:py-7"
        >
          <Outlet />
        </main>
      </div>
    </WorkspaceContext.Provider>
  )
}
