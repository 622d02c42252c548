import { isRouteErrorResponse, useRouteError } from '@remix-run/react'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Brand } from './brand.tsx'

interface Words {
  title: string
  message: string
  requestId?: string | undefined
}

function wordsFor(error: unknown): Words {
  if (!isRouteErrorResponse(error))
    return { title: 'This page broke', message: 'Reload it. If it happens again, tell whoever runs this server.' }
  if (error.status === 404) return { title: 'There is no page here', message: 'The address may be mistyped, or what it showed is gone.' }
  const facts = error.data as { message?: string; requestId?: string } | undefined
  return {
    title: error.status === 429 ? 'Too many requests' : 'This page could not be shown',
    message: facts?.message ?? 'Something broke on our side.',
    requestId: facts?.requestId,
  }
}

export function ErrorPage() {
  const { title, message, requestId } = wordsFor(useRouteError())
  return (
    <main id="main" className="mx-auto grid min-h-dvh max-w-md content-center gap-6 px-6 py-12">
      <Brand />
      <div className="grid gap-2">
        <h1>{title}</h1>
        <p className="text-muted">{message}</p>
        {requestId && <p className="font-mono text-xs text-muted">Request {requestId}</p>}
      </div>
      <div className="flex gap-3">
        <ButtonLink look="primary" to="/">
          Go to the start page
        </ButtonLink>
        <Button onClick={() => window.location.reload()}>Reload</Button>
      </div>
    </main>
  )
}
