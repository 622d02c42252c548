import { useMutation, useQueryClient } from '@tanstack/react-query'
import { History, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Budget } from '../../../../server/money/budgets/budgets.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { IconButton } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { nameOf, showAmount } from './amounts.ts'
import { BudgetHistoryDialog } from './budget-history.tsx'

const states = { open: '', near: 'Nearly used up', reached: 'Used up' } as const
const NEAR_PERCENT = 80

export function BudgetRow({ budget }: { budget: Budget }) {
  const maySet = useMay('payments:write')
  const [asked, setAsked] = useState<'history' | 'remove' | null>(null)
  const dialog = (which: 'history' | 'remove') => ({
    isOpen: asked === which,
    onOpenChange: (isOpen: boolean) => setAsked(isOpen ? which : null),
  })
  const { id, unit, period, limit, spent, state, downgrade, isGiven } = budget
  const name = nameOf(budget)
  return (
    <li className="grid gap-2 border-b border-line px-4 py-3.5 text-sm last:border-b-0">
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <p id={`budget-${id}`}>
          <span className="font-medium">{name}</span> <span className="text-muted">each {period}</span>
        </p>
        <div className="flex items-center">
          {state !== 'open' && <span className="mr-2 font-medium text-danger">{states[state]}</span>}
          <IconButton label={`Past windows of ${name}`} onClick={() => setAsked('history')}>
            <History size={16} aria-hidden />
          </IconButton>
          {maySet && !isGiven && (
            <IconButton label={`Remove the budget of ${name}`} onClick={() => setAsked('remove')}>
              <Trash2 size={16} aria-hidden />
            </IconButton>
          )}
        </div>
      </div>
      <meter
        className="h-2 w-full"
        aria-labelledby={`budget-${id}`}
        min={0}
        max={Math.max(limit, 1)}
        high={(limit * NEAR_PERCENT) / 100}
        value={Math.min(spent, limit)}
      />
      <p className="text-muted">
        {showAmount(unit, spent)} of {showAmount(unit, limit)}
        {downgrade && ` · ${downgrade.model} from ${downgrade.percent} % on`}
      </p>
      <BudgetHistoryDialog budget={budget} {...dialog('history')} />
      <RemoveDialog id={id} name={name} {...dialog('remove')} />
    </li>
  )
}

interface RemoveDialogProps {
  id: string
  name: string
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

function RemoveDialog({ id, name, ...dialog }: RemoveDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const remove = useMutation(
    trpc.budgets.remove.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.budgets.pathFilter())
        toast.success('The budget was removed.')
      },
    }),
  )
  return (
    <ConfirmDialog
      {...dialog}
      title="Remove this budget?"
      description={`Nothing limits “${name}” in this way any more, and its history is gone.`}
      action="Remove budget"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ budgetId: id })}
    />
  )
}
