import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { BudgetDialog } from './budget-dialog.tsx'
import { BudgetRow } from './budget-row.tsx'

const FRESH_MS = 10_000

/** The budgets of the workspace, how much of each is used, and a way to set one. */
export function Budgets() {
  const trpc = useTRPC()
  const maySet = useMay('payments:write')
  const [isOpen, setOpen] = useState(false)
  const { data, error, isError, refetch } = useQuery(trpc.budgets.list.queryOptions({}, { refetchInterval: FRESH_MS }))
  return (
    <Section title="Budgets" about="A call of a model begins only while all budgets it counts against have room for it.">
      {!data && (isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={2} />)}
      {data?.length === 0 && <p className="text-sm text-muted">There is no limit to what calls of models may take.</p>}
      {data && data.length > 0 && (
        <ul className="rounded-xl border border-line">
          {data.map((budget) => (
            <BudgetRow key={budget.id} budget={budget} />
          ))}
        </ul>
      )}
      {maySet && (
        <Button className="mt-4" onClick={() => setOpen(true)}>
          <Plus size={16} aria-hidden /> Set a budget
        </Button>
      )}
      <BudgetDialog isOpen={isOpen} onOpenChange={setOpen} />
    </Section>
  )
}
