import { useSyncExternalStore } from 'react'

const never = () => () => undefined

/**
 * Whether this page is at the public address of the server, as an origin: what a wallet or a passkey signs is good there alone.
 *
 * @returns undefined while the page is made by the server, which does not know.
 */
export const useIsHere = (origin: string): boolean | undefined =>
  useSyncExternalStore(
    never,
    () => window.location.origin === origin,
    () => undefined,
  )
