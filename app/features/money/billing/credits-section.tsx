import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { useLeave } from './use-leave.ts'

const packs = [
  { pack: '50', credits: 5 },
  { pack: '200', credits: 15 },
  { pack: '500', credits: 30 },
] as const

const amount = (credits: number): string => credits.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 6 })

/** The prepaid balance, what it is topped up with, and what went in and out. */
export function CreditsSection({ takesPayments }: { takesPayments: boolean }) {
  const trpc = useTRPC()
  const mayBuy = useMay('payments:write')
  const { go, isLeaving } = useLeave()
  const credits = useQuery(trpc.credits.get.queryOptions())
  const buy = useMutation(trpc.checkout.buyCredits.mutationOptions({ onSuccess: ({ url }) => go(url) }))
  if (!credits.data)
    return credits.isError ? <ErrorNotice error={credits.error} onRetry={() => void credits.refetch()} /> : <SkeletonList rows={2} />
  const { credits: left, owedCredits } = credits.data
  return (
    <Section title="Credits" about="They pay for single calls. One credit is a US dollar.">
      <div id="credits" className="grid scroll-mt-4 gap-4">
        <p className="text-2xl font-semibold">{amount(left)}</p>
        {owedCredits > 0 && (
          <Notice tone="warn">
            {amount(owedCredits)} credits were spent whose payment went back to the payer. The next credits pay for them.
          </Notice>
        )}
        {takesPayments && mayBuy && (
          <div className="flex flex-wrap gap-2">
            {packs.map(({ pack, credits: number }) => (
              <Button key={pack} isBusy={buy.isPending || isLeaving} onClick={() => buy.mutate({ pack })}>
                {number} credits for ${number}
              </Button>
            ))}
          </div>
        )}
        {buy.isError && <ErrorNotice error={buy.error} />}
        <History />
      </div>
    </Section>
  )
}

/** Entries that are shown until somebody wants more. */
const FEW = 8

function History() {
  const trpc = useTRPC()
  const [isWhole, setWhole] = useState(false)
  const history = useQuery(trpc.credits.history.queryOptions())
  if (!history.data)
    return history.isError ? <ErrorNotice error={history.error} onRetry={() => void history.refetch()} /> : <SkeletonList />
  if (history.data.length === 0) return <p className="text-sm text-muted">Nothing went in or out yet.</p>
  const shown = isWhole ? history.data : history.data.slice(0, FEW)
  return (
    <>
      <ul aria-label="What went in and out" className="rounded-lg border border-line text-sm">
        {shown.map(({ id, credits, reason, createdAt }) => (
          <li key={id} className="flex flex-wrap justify-between gap-3 border-b border-line px-4 py-2 last:border-b-0">
            <span>
              {reason}{' '}
              <span className="text-muted">
                · <Time at={createdAt} />
              </span>
            </span>
            <span className="tabular-nums">
              {credits > 0 && '+'}
              {amount(credits)}
            </span>
          </li>
        ))}
      </ul>
      {shown.length < history.data.length && (
        <Button className="justify-self-start" onClick={() => setWhole(true)}>
          Show all
        </Button>
      )}
    </>
  )
}
