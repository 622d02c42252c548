import { Link, NavLink, useNavigate } from '@remix-run/react'
import clsx from 'clsx'
import { History, LogOut, ServerCog, UserRound } from 'lucide-react'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { BrandMark } from './brand.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { WorkspaceSwitcher } from './workspace-switcher.tsx'
import { usePath } from '../workspace/workspace.ts'
import { useSignOut } from './use-sign-out.ts'

const pages = [
  { to: '/agents', name: 'Agents' },
  { to: '/bookings', name: 'Bookings' },
  { to: '/keys', name: 'API keys' },
  { to: '/billing', name: 'Billing' },
  { to: '/wallet', name: 'Wallet' },
  { to: '/settings', name: 'Settings' },
]

export function AppHeader({ user }: { user: { name: string; email: string; isAdmin: boolean } }) {
  const signOut = useSignOut()
  const pathOf = usePath()
  const navigate = useNavigate()
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex max-w-5xl items-center gap-1 px-2 sm:gap-3 sm:px-6">
        <Link
          to={pathOf('/agents')}
          className="flex items-center gap-2.5 rounded-lg p-2 font-semibold tracking-tight"
          aria-label="Agentbot, all agents"
        >
          <BrandMark />
          <span className="hidden sm:inline">Agentbot</span>
        </Link>
        <nav aria-label="Pages" className="flex min-w-0 flex-1 self-stretch overflow-x-auto">
          {pages.map(({ to, name }) => (
            <NavLink
              key={to}
              to={pathOf(to)}
              prefetch="intent"
              className={({ isActive }) =>
                clsx(
                  'flex min-h-14 items-center border-b-2 border-t-2 border-t-transparent px-2 text-sm font-medium whitespace-nowrap sm:px-3',
                  isActive ? 'border-b-accent' : 'border-b-transparent text-muted hover:text-ink',
                )
              }
            >
              {name}
            </NavLink>
          ))}
        </nav>
        <WorkspaceSwitcher />
        {/* On a phone there is no room for it; the settings have it too. */}
        <div className="max-sm:hidden">
          <ThemeSwitch />
        </div>
        <Menu
          trigger={
            <IconButton label={`Account of ${user.name}`}>
              <UserRound size={18} aria-hidden />
            </IconButton>
          }
        >
          <div className="max-w-64 px-3 py-2 text-sm">
            <p className="truncate font-medium">{user.name}</p>
            {user.email !== user.name && <p className="truncate text-muted">{user.email}</p>}
          </div>
          <MenuItem onSelect={() => navigate(pathOf('/settings/activity'))}>
            <History size={16} aria-hidden /> Activity
          </MenuItem>
          {user.isAdmin && (
            <MenuItem onSelect={() => navigate(pathOf('/admin'))}>
              <ServerCog size={16} aria-hidden /> Server
            </MenuItem>
          )}
          <MenuItem onSelect={signOut.start} isDisabled={signOut.isPending}>
            <LogOut size={16} aria-hidden /> Sign out
          </MenuItem>
        </Menu>
      </div>
    </header>
  )
}
