import { useLocation, useSearchParams } from '@remix-run/react'
import { nextPath } from './next-path.ts'

/** Where to go after signing in: what the address says, with what it has behind its `#`, such as the token of an invitation. */
export function useNext(): { path: string; hash: string; invitation: string | undefined } {
  const [params] = useSearchParams()
  const { hash } = useLocation()
  const next = nextPath(params.get('next'))
  const invitation = next === '/invitation' && hash.length > 1 ? hash.slice(1) : undefined
  return { path: next.includes('#') ? next : next + hash, hash, invitation }
}
