import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RoyaltySplit, SplitExecution } from '../../../../server/money/splits/splits.contract.ts'
import { formatTokenUnits, USDC_DECIMALS } from '../../../../server/platform/money/token-units.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { PayoutList } from './payout-list.tsx'
import { SplitApprovalNotice } from './split-approval.tsx'
import { useRefresh } from './use-settlements.ts'

const states: Record<RoyaltySplit['status'], string> = {
  pending: 'not shared out yet',
  processing: 'payouts are on their way',
  completed: 'paid out',
  failed: 'a payout failed',
}

/** While payouts are on their way, they are looked at again this often. */
export const LOOK_AGAIN_MS = 5_000

const usdc = (units: string): string => formatTokenUnits(BigInt(units), USDC_DECIMALS, 2)

/** Royalties of a release, who was or would be paid, and what can be done about it. */
export function SplitRow({ split }: { split: RoyaltySplit }) {
  const { id, amount, release, status, fee, approval } = split
  const trpc = useTRPC()
  const mayPay = useMay('wallet:spend')
  const refresh = useRefresh()
  const [isAsked, setAsked] = useState(false)
  const isWaiting = approval?.state === 'waiting'
  const { data: past } = useQuery(
    trpc.splits.execution.queryOptions(
      { splitId: id },
      { enabled: status !== 'pending' || isWaiting, refetchInterval: status === 'processing' && LOOK_AGAIN_MS },
    ),
  )
  const execute = useMutation(
    trpc.splits.execute.mutationOptions({
      onSuccess: async () => {
        await refresh()
        setAsked(false)
      },
    }),
  )
  const execution = past ?? (approval ? undefined : execute.data)
  return (
    <li className="grid gap-3 border-t border-line pt-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="[overflow-wrap:anywhere]">
          <span className="font-medium">{release}</span>{' '}
          <span className="text-sm text-muted">
            {usdc(amount)} USDC · fee {usdc(fee)} USDC · {states[status]}
          </span>
        </p>
        {mayPay && status === 'pending' && !isWaiting && <Button onClick={() => setAsked(true)}>Share out</Button>}
      </div>
      {approval && status === 'pending' && <SplitApprovalNotice splitId={id} approval={approval} amount={`${usdc(amount)} USDC`} />}
      {execution && <PayoutList payouts={execution.results.map(isWaiting ? toWaiting : toShown)} />}
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title="Share it out?"
        description={`${usdc(amount)} USDC of “${release}” are shared out from the wallet, with a fee of ${usdc(fee)} USDC. What the policies do not allow waits for an owner. This happens once and cannot be undone.`}
        action="Share out"
        isBusy={execute.isPending}
        error={execute.error}
        onConfirm={() => execute.mutate({ splitId: id })}
      />
    </li>
  )
}

const toShown = ({ amount = '0', error, reason, ...payout }: SplitExecution['results'][number]) => ({
  ...payout,
  amount: usdc(amount),
  note: error ?? reason,
})

const toWaiting = (payout: SplitExecution['results'][number]) => {
  const { note, ...shown } = toShown(payout)
  return payout.status === 'pending' ? { ...shown, word: 'if it is approved' } : { ...shown, note }
}
