import { data, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { NavLink, Outlet } from '@remix-run/react'
import clsx from 'clsx'
import { findVisitor } from '../../http/page.server.ts'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Server · Agentbot' }]

/** Whoever does not operate the server is told that there is no such page. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, headers } = await findVisitor(request, context)
  if (!user?.isAdmin) throw data(null, { status: 404, headers })
  return data(null, { headers })
}

const pages = [
  { to: '/admin', name: 'People' },
  { to: '/admin/workspaces', name: 'Workspaces' },
  { to: '/admin/health', name: 'Health' },
  { to: '/admin/log', name: 'Log' },
  { to: '/admin/outbox', name: 'Outbox' },
]

export default function AdminLayout() {
  return (
    <>
      <PageHeader title="Server">All that happens here is written into the server's log.</PageHeader>
      <nav aria-label="Server" className="mb-5 flex flex-wrap gap-x-4 gap-y-1 border-b border-line">
        {pages.map(({ to, name }) => (
          <NavLink
            key={to}
            to={to}
            end
            className={({ isActive }) =>
              clsx('border-b-2 py-2 text-sm font-medium', isActive ? 'border-b-accent' : 'border-b-transparent text-muted hover:text-ink')
            }
          >
            {name}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </>
  )
}
