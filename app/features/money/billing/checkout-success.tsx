import { useSearchParams } from '@remix-run/react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { ButtonLink } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { usePath } from '../../../workspace/workspace.ts'

/** Switches the plan on that was just paid for, and says so. */
export function CheckoutSuccess() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const pathOf = usePath()
  const [query] = useSearchParams()
  const sessionId = query.get('session_id') ?? ''
  const { mutate, data, error, isError } = useMutation(
    trpc.checkout.verify.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.billing.pathFilter()) }),
  )
  useEffect(() => mutate({ session_id: sessionId }), [mutate, sessionId])
  if (isError) return <ErrorNotice error={error} onRetry={() => mutate({ session_id: sessionId })} />
  if (!data) return <SkeletonList rows={1} />
  return (
    <EmptyState
      title={`Your plan is ${data.plan}`}
      action={
        <ButtonLink look="primary" to={pathOf('/agents')}>
          To your agents
        </ButtonLink>
      }
    >
      It is on.{' '}
      {data.nextBilling && (
        <>
          The next payment is due <Time at={data.nextBilling} />.
        </>
      )}
    </EmptyState>
  )
}
