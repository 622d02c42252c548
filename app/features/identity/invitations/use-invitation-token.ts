import { useLocation } from '@remix-run/react'

/**
 * The token of the link somebody came by: behind the `#`, which browsers send to nobody; empty without one, and while the server
 * makes the page.
 */
export const useInvitationToken = (): string => useLocation().hash.slice(1)
