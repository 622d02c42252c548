import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RoyaltySplit, SplitExecution } from '../../../../server/money/splits/splits.contract.ts'
import { formatTokenUnits, USDC_DECIMALS } from '../../../../server/platform/money/token-units.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { CreateSplitForm } from './create-split-form.tsx'
import { PayoutList } from './payout-list.tsx'
import { RuleList } from './rule-list.tsx'
import { useRefresh } from './use-settlements.ts'

const usdc = (units: string): string => formatTokenUnits(BigInt(units), USDC_DECIMALS, 2)

/** Royalties, who gets how much of them, and what there is. */
export function Splits() {
  const trpc = useTRPC()
  const mayPay = useMay('payments:write')
  const { data: splits, error, isError, refetch } = useQuery(trpc.splits.list.queryOptions({}))
  const { data: balance } = useQuery(trpc.splits.balance.queryOptions())
  return (
    <Section
      title="Instant splits"
      about={
        balance &&
        `${balance.balance === null ? 'There is no wallet or no chain: splits are only calculated' : `${balance.balance} USDC in the wallet`} · ${balance.pending} USDC wait to be shared out`
      }
    >
      <div className="grid gap-6">
        <RuleList />
        {mayPay && <CreateSplitForm />}
        {isError && <ErrorNotice error={error} onRetry={() => void refetch()} />}
        {!splits && !isError && <SkeletonList />}
        <ul className="grid gap-3" aria-label="Splits">
          {splits?.map((split) => (
            <SplitRow key={split.id} split={split} />
          ))}
        </ul>
      </div>
    </Section>
  )
}

function SplitRow({ split: { id, amount, release, status, fee } }: { split: RoyaltySplit }) {
  const trpc = useTRPC()
  const mayPay = useMay('wallet:spend')
  const refresh = useRefresh()
  const [isAsked, setAsked] = useState(false)
  const { data: past } = useQuery(trpc.splits.execution.queryOptions({ splitId: id }, { enabled: status !== 'pending' }))
  const execute = useMutation(
    trpc.splits.execute.mutationOptions({
      onSuccess: async () => {
        await refresh()
        setAsked(false)
      },
    }),
  )
  const execution = past ?? execute.data
  return (
    <li className="grid gap-3 border-t border-line pt-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p>
          <span className="font-medium">{release}</span>{' '}
          <span className="text-sm text-muted">
            {usdc(amount)} USDC · fee {usdc(fee)} USDC · {status}
          </span>
        </p>
        {mayPay && status === 'pending' && <Button onClick={() => setAsked(true)}>Share out</Button>}
      </div>
      {execution && <PayoutList payouts={execution.results.map(toShown)} />}
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title="Share it out?"
        description={`${usdc(amount)} USDC of “${release}” are shared out from the wallet, with a fee of ${usdc(fee)} USDC. This happens once and cannot be undone.`}
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
