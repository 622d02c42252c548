import { useQuery } from '@tanstack/react-query'
import type { WalletTransaction } from '../../../../server/money/wallets/wallets.contract.ts'
import { formatTokenUnits, USDC_DECIMALS } from '../../../../server/platform/money/token-units.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { shortEther } from './short-ether.ts'

/** A look takes dozens of questions to the chain. */
const FRESH_MS = 60_000

/** What moved from and to the wallet lately, as the chain says, whoever moved it. */
export function HistorySection({ address }: { address: string }) {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(
    trpc.wallet.transactions.queryOptions({ address, limit: 25 }, { staleTime: FRESH_MS, refetchOnWindowFocus: false }),
  )
  return (
    <Section title="On the chain lately" about="USDC of about the last day, and ether of the last minutes.">
      {!data && (isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={2} className="h-12" />)}
      {data?.transactions.length === 0 && <p className="text-sm text-muted">Nothing moved.</p>}
      {data && data.transactions.length > 0 && (
        <ul aria-label="On the chain lately" className="divide-y divide-line">
          {data.transactions.map((transaction, index) => (
            <TransactionRow key={index} transaction={transaction} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function TransactionRow({
  transaction: { direction, amount, amountRaw, asset, from, to, timestamp, explorerUrl },
}: {
  transaction: WalletTransaction
}) {
  const isIn = direction === 'received'
  const shown = asset === 'USDC' ? formatTokenUnits(BigInt(amountRaw), USDC_DECIMALS, 2) : shortEther(amount)
  return (
    <li className="grid gap-1 py-3 text-sm">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="font-medium tabular-nums">
          {isIn ? '+' : '−'}
          {shown} {asset} <span className="font-normal text-muted">{direction}</span>
        </p>
        <p className="text-muted">
          <Time at={timestamp} />
          {' · '}
          <a className="underline underline-offset-4" href={explorerUrl} target="_blank" rel="noreferrer">
            on the chain<span className="sr-only">{`, ${shown} ${asset} ${direction}`}</span>
          </a>
        </p>
      </div>
      <p className="font-mono text-xs text-muted [overflow-wrap:anywhere]">{isIn ? `from ${from}` : `to ${to}`}</p>
    </li>
  )
}
