import { useSearchParams } from '@remix-run/react'
import { Notice } from '../../../ui/notice.tsx'
import { messageOf } from './messages.ts'

/** What became of the checkout that somebody comes from, if they do. */
export function CheckoutMessage() {
  const [query] = useSearchParams()
  const message = messageOf(query)
  return (
    message && (
      <div role="status">
        <Notice tone={message.tone}>{message.text}</Notice>
      </div>
    )
  )
}
