const AFTER_SIGN_IN = '/agents'

/**
 * Where to go after signing in. Only a path of this server counts: a link to the sign-in page must not
 * be able to send people elsewhere.
 */
export function nextPath(next: string | null): string {
  if (!next?.startsWith('/')) return AFTER_SIGN_IN
  // `//host`, `/\host` and control characters in between all name another host to a browser.
  const here = 'http://here.invalid'
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined
  const isHere = url?.origin === here && !url.pathname.startsWith('//')
  return isHere ? url.pathname + url.search + url.hash : AFTER_SIGN_IN
}
