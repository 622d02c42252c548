import { useEffect, useLayoutEffect, useRef, useState } from 'react'

/** How far from its end a list still counts as read to the end. */
const NEAR_PX = 48

/**
 * Keeps a list scrolled to its end while it grows, unless the reader has scrolled up. `first` names the
 * first entry: when another takes its place, what is being read stays where it is.
 */
export function useStickToBottom(first: string | undefined) {
  const list = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const isStuck = useRef(true)
  const height = useRef(0)
  const [isAtEnd, setAtEnd] = useState(true)

  const toEnd = () => {
    const element = list.current
    if (element) element.scrollTop = element.scrollHeight
  }

  useEffect(() => {
    const element = list.current
    if (!element || !content.current) return
    const observer = new ResizeObserver(() => {
      if (isStuck.current) toEnd()
      height.current = element.scrollHeight
    })
    observer.observe(content.current)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = list.current
    if (element && !isStuck.current) element.scrollTop += element.scrollHeight - height.current
  }, [first])

  const onScroll = () => {
    const element = list.current
    if (!element) return
    isStuck.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
    setAtEnd(isStuck.current)
  }
  return { list, content, onScroll, isAtEnd, toEnd }
}
