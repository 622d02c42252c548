import { data, redirect, type LoaderFunctionArgs } from '@remix-run/node'
import { Outlet, useLoaderData, type ShouldRevalidateFunctionArgs } from '@remix-run/react'
import { AppHeader } from '../../shell/app-header.tsx'
import { findVisitor } from '../../http/page.server.ts'

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, headers } = await findVisitor(request, context)
  if (!user) {
    const { pathname, search } = new URL(request.url)
    throw redirect(`/login?next=${encodeURIComponent(pathname + search)}`, { headers })
  }
  return data({ user: { name: user.name ?? user.email ?? '', email: user.email ?? '', isAdmin: user.isAdmin } }, { headers })
}

/** Not on every click: calls through tRPC notice a session that ended, and settings ask when the name changed. */
export const shouldRevalidate = ({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) =>
  currentUrl.href === nextUrl.href && defaultShouldRevalidate

export default function AppLayout() {
  const { user } = useLoaderData<typeof loader>()
  return (
    // A page with a part that fills it (a chat) is as high as the window, and that part scrolls.
    <div className="flex min-h-dvh flex-col has-data-fills-page:h-[max(100dvh,30rem)]">
      <AppHeader user={user} />
      <main id="main" className="mx-auto flex min-h-0 w-full max-w-5xl flex-1 flex-col px-4 py-5 has-data-fills-page:pb-3 sm:px-6 sm:py-7">
        <Outlet />
      </main>
    </div>
  )
}
