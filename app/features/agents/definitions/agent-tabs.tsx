import { NavLink } from '@remix-run/react'
import clsx from 'clsx'
import { usePath } from '../../../workspace/workspace.ts'

const tabs = [
  { path: '', name: 'Chat' },
  { path: '/messages', name: 'Messages' },
  { path: '/memory', name: 'Memory' },
  { path: '/configuration', name: 'Configuration' },
  { path: '/statistics', name: 'Statistics' },
]

/** Links and not ARIA tabs: each part has an address, and Back works. On a phone the row scrolls. */
export function AgentTabs({ agentId }: { agentId: string }) {
  const pathOf = usePath()
  return (
    <nav aria-label="Parts of the agent" className="-mx-4 mb-4 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0">
      <ul className="flex min-w-max gap-1">
        {tabs.map(({ path, name }) => (
          <li key={name}>
            <NavLink
              to={pathOf(`/agents/${agentId}${path}`)}
              end
              preventScrollReset
              prefetch="intent"
              className={({ isActive }) =>
                clsx(
                  'flex min-h-11 items-center border-b-2 px-3 text-sm font-medium -outline-offset-2!',
                  isActive ? 'border-accent' : 'border-transparent text-muted hover:text-ink',
                )
              }
            >
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}
