import { useSyncExternalStore } from 'react'

const whenItChanges = (tell: () => void) => {
  window.addEventListener('hashchange', tell)
  return () => window.removeEventListener('hashchange', tell)
}

/**
 * The token of the link somebody came by: behind the `#`, which browsers send to nobody.
 *
 * @returns an empty text without one; undefined while the page is made by the server, which does not know.
 */
export const useInvitationToken = (): string | undefined =>
  useSyncExternalStore(
    whenItChanges,
    () => window.location.hash.slice(1),
    () => undefined,
  )
