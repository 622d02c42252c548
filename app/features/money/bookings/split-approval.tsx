import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { SplitApproval } from '../../../../server/money/splits/approval.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { useRefresh } from './use-settlements.ts'

interface SplitApprovalProps {
  splitId: string
  approval: SplitApproval
  /** What is shared out, for people. */
  amount: string
}

/** Says that a split waits for an owner, and why, or that none has let it; owners decide here. */
export function SplitApprovalNotice({ splitId, approval: { state, reason, agentId, approvableUntil }, amount }: SplitApprovalProps) {
  const mayDecide = useMay('workspace:own')
  if (state !== 'waiting') return <Notice>{reason} It can be asked for again.</Notice>
  return (
    <Notice tone="warn" className="grid gap-3">
      <p>
        An owner is asked. {reason}
        {agentId && ` The agent ${agentId} wishes it.`}
        {approvableUntil && (
          <>
            {' '}
            It can be approved until <Time at={approvableUntil} isExact />.
          </>
        )}
      </p>
      {mayDecide && <Decision splitId={splitId} amount={amount} />}
    </Notice>
  )
}

function Decision({ splitId, amount }: { splitId: string; amount: string }) {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const decided = (text: string) => async () => {
    await refresh()
    toast.success(text)
  }
  const approve = useMutation(trpc.splits.approve.mutationOptions({ onSuccess: decided('Approved, and on its way.') }))
  const decline = useMutation(trpc.splits.decline.mutationOptions({ onSuccess: decided('Declined.') }))
  const error = approve.error ?? decline.error
  return (
    <>
      <div className="flex flex-wrap gap-2 text-ink">
        <Button isBusy={decline.isPending} onClick={() => decline.mutate({ splitId })}>
          Decline
        </Button>
        <Button look="primary" isBusy={approve.isPending} onClick={() => approve.mutate({ splitId })}>
          Approve {amount}
        </Button>
      </div>
      {error && <ErrorNotice error={error} />}
    </>
  )
}
