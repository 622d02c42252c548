import { data, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from '@remix-run/react'
import type { ReactNode } from 'react'
import { Toaster } from 'sonner'
import { ReauthenticationDialog } from './features/identity/security/reauthentication-dialog.tsx'
import { ErrorPage } from './shell/error-page.tsx'
import { useNonce } from './shell/nonce.ts'
import { themeFromCookie, ThemeProvider } from './shell/theme.tsx'
import styles from './tailwind.css?url'
import { useShownWorkspaceId } from './workspace/workspace.ts'
import { ApiProvider } from './trpc/client.tsx'

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: styles },
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
]

export const meta: MetaFunction = () => [
  { title: 'Agentbot' },
  { name: 'description', content: 'A self-hosted control plane for AI agents.' },
]

export const loader = ({ request }: LoaderFunctionArgs) =>
  // The cookie decides how the page looks, so caches must not mix visitors up.
  data({ theme: themeFromCookie(request.headers.get('cookie')) }, { headers: { vary: 'cookie' } })

/** The theme lives in the page once it is open; only its first paint asks the server. */
export const shouldRevalidate = () => false

export function Layout({ children }: { children: ReactNode }) {
  const loaded = useRouteLoaderData<typeof loader>('root')
  const nonce = useNonce()
  return (
    <ThemeProvider initial={loaded?.theme ?? 'system'}>
      {(theme) => (
        <html lang="en" data-theme={theme === 'system' ? undefined : theme}>
          <head>
            <meta charSet="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
            <Meta />
            <Links />
          </head>
          <body className="min-h-dvh antialiased">
            <a
              href="#main"
              className="fixed top-2 left-2 z-50 -translate-y-16 rounded-lg bg-ink px-4 py-2 text-sm font-medium text-ground focus:translate-y-0"
            >
              Skip to content
            </a>
            {children}
            {/* Above the composer of a chat. */}
            <Toaster
              theme={theme}
              position="bottom-right"
              duration={3_000}
              offset={{ bottom: '7rem' }}
              mobileOffset={{ bottom: '6rem' }}
              containerAriaLabel="Notifications"
            />
            <ScrollRestoration nonce={nonce} />
            <Scripts nonce={nonce} />
          </body>
        </html>
      )}
    </ThemeProvider>
  )
}

export default function App() {
  const workspaceId = useShownWorkspaceId()
  return (
    <ApiProvider key={workspaceId} workspaceId={workspaceId}>
      <Outlet />
      <ReauthenticationDialog />
    </ApiProvider>
  )
}

export const ErrorBoundary = ErrorPage
