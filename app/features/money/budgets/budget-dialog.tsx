import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { z } from 'zod'
import { SetBudget } from '../../../../server/money/budgets/budgets.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'

/** Dollars with at most two places are whole cents; tokens are whole. */
const AMOUNT = { cents: /^\d{1,6}(\.\d{1,2})?$/, tokens: /^\d{1,12}$/ }

const BudgetValues = z
  .object({
    /** What it limits and whose: `workspace`, or `agent:` and an id. */
    owner: z.string(),
    unit: z.enum(['cents', 'tokens']),
    period: z.enum(['day', 'week', 'month']),
    amount: z.string().trim(),
  })
  .superRefine(({ unit, amount }, check) => {
    if (!AMOUNT[unit].test(amount))
      check.addIssue({
        code: 'custom',
        path: ['amount'],
        message: unit === 'cents' ? 'expected US dollars, such as 20 or 12.50' : 'expected a whole number',
      })
  })
type BudgetValues = z.infer<typeof BudgetValues>

function toCommand({ owner, unit, period, amount }: BudgetValues): z.input<typeof SetBudget> {
  const [kind, ...rest] = owner.split(':')
  const [whole, fraction = ''] = amount.split('.')
  const limit = unit === 'tokens' ? Number(amount) : Number(whole) * 100 + Number(fraction.padEnd(2, '0'))
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const ownerId = rest.join(':')
  return { kind: kind as 'workspace', ...(ownerId === '' ? {} : { ownerId }), unit, period, limit, timeZone }
}

interface BudgetDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export const BudgetDialog = ({ isOpen, onOpenChange }: BudgetDialogProps) => (
  <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title="Set a budget" description="It takes the place of the one of the same kind.">
    <BudgetForm onDone={() => onOpenChange(false)} />
  </Dialog>
)

function BudgetForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { data: agents = [] } = useQuery(trpc.agents.list.queryOptions({}))
  const { data: keys = [] } = useQuery(trpc.keys.listAll.queryOptions())
  const { data: members = [] } = useQuery(trpc.members.list.queryOptions())
  const form = useContractForm(BudgetValues, { defaultValues: { owner: 'workspace', unit: 'cents', period: 'month', amount: '' } })
  const { errors } = form.formState
  const set = useMutation(
    trpc.budgets.set.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.budgets.pathFilter())
        toast.success('The budget is set.')
        onDone()
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((values) => set.mutate(toCommand(values)))}>
      <SelectField label="For" {...form.register('owner')}>
        <option value="workspace">The whole workspace</option>
        {members.map(({ userId, name }) => (
          <option key={userId} value={`member:${userId}`}>{`Member ${name}`}</option>
        ))}
        {agents.map(({ id, name }) => (
          <option key={id} value={`agent:${id}`}>{`Agent ${name}`}</option>
        ))}
        {keys.map(({ id, name }) => (
          <option key={id} value={`key:${id}`}>{`API key ${name}`}</option>
        ))}
      </SelectField>
      <div className="grid gap-5 sm:grid-cols-3">
        <TextField label="At most" inputMode="decimal" autoComplete="off" error={problem(errors.amount)} {...form.register('amount')} />
        <SelectField label="Of" {...form.register('unit')}>
          <option value="cents">US dollars</option>
          <option value="tokens">tokens</option>
        </SelectField>
        <SelectField label="Each" {...form.register('period')}>
          <option value="day">day</option>
          <option value="week">week</option>
          <option value="month">month</option>
        </SelectField>
      </div>
      {set.isError && Object.keys(errors).length === 0 && <ErrorNotice error={set.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={set.isPending}>
          Set budget
        </Button>
      </DialogActions>
    </form>
  )
}
