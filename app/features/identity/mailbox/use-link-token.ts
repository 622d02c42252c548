import { useEffect, useState } from 'react'

/**
 * What stands behind the `#` of the link that led here. No server is sent that, so it is known once the page runs.
 *
 * @returns undefined until then, and an empty text where there is none.
 */
export function useLinkToken(): string | undefined {
  const [token, setToken] = useState<string>()
  useEffect(() => setToken(window.location.hash.slice(1)), [])
  return token
}
