import { useQuery } from '@tanstack/react-query'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { CreateSplitForm } from './create-split-form.tsx'
import { RuleList } from './rule-list.tsx'
import { LOOK_AGAIN_MS, SplitRow } from './split-row.tsx'

/** Royalties, who gets how much of them, and what there is. */
export function Splits() {
  const trpc = useTRPC()
  const mayPay = useMay('payments:write')
  const {
    data: splits,
    error,
    isError,
    refetch,
  } = useQuery(
    trpc.splits.list.queryOptions(
      {},
      { refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'processing') ? LOOK_AGAIN_MS : false) },
    ),
  )
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
