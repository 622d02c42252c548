import { Link, Outlet } from '@remix-run/react'
import { Brand } from '../../shell/brand.tsx'
import { ThemeSwitch } from '../../shell/theme-switch.tsx'

export default function AuthLayout() {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="mx-auto flex w-full max-w-5xl items-center justify-between px-4 py-3 sm:px-6">
        <Link to="/">
          <Brand />
        </Link>
        <ThemeSwitch />
      </header>
      <main id="main" className="mx-auto grid w-full max-w-sm flex-1 content-center gap-6 px-4 pt-6 pb-20">
        <Outlet />
      </main>
    </div>
  )
}
