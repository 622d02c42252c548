import { useQuery } from '@tanstack/react-query'
import type { Budget } from '../../../../server/money/budgets/budgets.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { nameOf, showAmount } from './amounts.ts'

interface BudgetHistoryDialogProps {
  budget: Budget
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

/** What was taken of a budget in its last windows. */
export const BudgetHistoryDialog = ({ budget, ...dialog }: BudgetHistoryDialogProps) => (
  <Dialog {...dialog} title={nameOf(budget)} description={`What was used, each ${budget.period}.`}>
    {dialog.isOpen && <Windows budget={budget} />}
  </Dialog>
)

function Windows({ budget: { id, unit, timeZone } }: { budget: Budget }) {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.budgets.history.queryOptions({ budgetId: id }))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={3} className="h-8" />
  if (data.length === 0) return <p className="text-sm text-muted">Nothing was used yet.</p>
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone })
  return (
    <dl className="grid gap-3 text-sm">
      {data.map(({ startsAt, spent, limit }) => (
        <div key={startsAt} className="flex justify-between gap-4">
          <dt>from {day.format(new Date(startsAt))}</dt>
          <dd className="text-muted">
            {showAmount(unit, spent)} of {showAmount(unit, limit)}
          </dd>
        </div>
      ))}
    </dl>
  )
}
