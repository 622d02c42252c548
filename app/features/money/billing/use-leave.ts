import { useState } from 'react'

/** Leaves for a page of Stripe; until it is there, nothing is pressed twice. */
export function useLeave(): { go(url: string): void; isLeaving: boolean } {
  const [isLeaving, setLeaving] = useState(false)
  return {
    isLeaving,
    go(url) {
      setLeaving(true)
      window.location.assign(url)
    },
  }
}
