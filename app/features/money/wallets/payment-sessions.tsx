import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { PaymentSession } from '../../../../server/money/payments/sessions.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMay } from '../../../workspace/workspace.ts'

/** Money that was put aside for calls of the gateway, which the wallet's signatures charge. */
export function PaymentSessions({ address }: { address: string }) {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.payments.sessions.queryOptions({ address }))
  if (isError) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  if (!data || data.length === 0) return null
  return (
    <Section title="Payment sessions" about="Put aside for calls of the gateway.">
      <ul className="divide-y divide-line">
        {data.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </Section>
  )
}

function SessionRow({ session: { id, deposit, spent, remaining, status, createdAt } }: { session: PaymentSession }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayClose = useMay('payments:write')
  const close = useMutation(
    trpc.payments.closeSession.mutationOptions({
      onSuccess: async ({ returned }) => {
        await queries.invalidateQueries(trpc.payments.pathFilter())
        toast.success(`Closed; $${returned} went back to the balance.`)
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="grid gap-1">
        <p className="font-medium tabular-nums">
          ${remaining} of ${deposit} left <span className="font-normal text-muted">{status}</span>
        </p>
        <p className="text-sm text-muted">
          ${spent} spent · opened <Time at={new Date(createdAt).toISOString()} />
        </p>
        {close.isError && <ErrorNotice error={close.error} />}
      </div>
      {mayClose && status === 'active' && (
        <Button isBusy={close.isPending} onClick={() => close.mutate({ sessionId: id })}>
          Close
        </Button>
      )}
    </li>
  )
}
