import { Link, useSearchParams } from '@remix-run/react'
import { Notice } from '../../../ui/notice.tsx'
import { usePath } from '../../../workspace/workspace.ts'

/** What became of the payment by card that somebody comes back from, if they do. */
export function TopUpMessage() {
  const [query] = useSearchParams()
  const pathOf = usePath()
  const outcome = query.get('top_up')
  if (outcome === null) return null
  return (
    <div role="status">
      <Notice>
        {outcome === 'success' ? (
          <>
            Thank you. What you paid is there as{' '}
            <Link to={pathOf('/billing#credits')} className="underline underline-offset-4">
              credits of the workspace
            </Link>{' '}
            once Stripe has confirmed it, which takes moments.
          </>
        ) : (
          'Nothing was topped up, and nothing was charged.'
        )}
      </Notice>
    </div>
  )
}
