import { useSyncExternalStore } from 'react'

const KEPT = 'invitation'

const tokenInAddress = (): string => window.location.hash.slice(1)

/** Some ways to sign in lead over other pages, or another site, and back to the address alone: the window keeps the token meanwhile. */
function follow(tell: () => void) {
  if (tokenInAddress()) window.sessionStorage.setItem(KEPT, tokenInAddress())
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
    follow,
    () => tokenInAddress() || (window.sessionStorage.getItem(KEPT) ?? ''),
    () => undefined,
  )

/** It was used up. */
export const forgetInvitationToken = (): void => window.sessionStorage.removeItem(KEPT)
