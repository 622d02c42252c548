import { useCallback, useEffect, useRef, useState } from 'react'

/** How far from its end a list still counts as read to the end. */
const NEAR_PX = 48

const scrollToEnd = (element: HTMLElement) => {
  element.scrollTop = element.scrollHeight
}

/** Keeps a list scrolled to its end while it grows, unless the reader has scrolled up. */
export function useStickToBottom() {
  const list = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isStuck = useRef(true)
  const growsAbove = useRef(false)
  const top = useRef(0)
  const [isAtEnd, setAtEnd] = useState(true)

  useEffect(() => {
    const element = list.current
    if (!element || !content.current) return
    let height = element.scrollHeight
    const observer = new ResizeObserver(() => {
      const growth = element.scrollHeight - height
      height = element.scrollHeight
      if (isStuck.current) scrollToEnd(element)
      else if (growsAbove.current && growth > 0) {
        element.scrollTop += growth
        growsAbove.current = false
      }
    })
    observer.observe(content.current)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const toEnd = useCallback(() => {
    isStuck.current = true
    setAtEnd(true)
    if (list.current) scrollToEnd(list.current)
  }, [])

  return {
    list,
    content,
    isAtEnd,
    onScroll() {
      const element = list.current
      if (!element) return
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
      // The list may have grown since it was scrolled to its end; only a reader scrolls up.
      if (isNear) isStuck.current = true
      else if (element.scrollTop < top.current) isStuck.current = false
      top.current = element.scrollTop
      setAtEnd(isStuck.current)
    },
    toEnd,
    /** Entries are about to come in above: what is being read stays where it is. */
    keepPlace() {
      growsAbove.current = true
      isStuck.current = false
    },
  }
}
