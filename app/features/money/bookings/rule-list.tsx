import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CreateRule } from '../../../../server/money/splits/splits.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { useRefresh } from './use-settlements.ts'

/** Who gets how much of royalties. */
export function RuleList() {
  const trpc = useTRPC()
  const mayPay = useMay('payments:write')
  const [isOpen, setOpen] = useState(false)
  const { data: rules = [] } = useQuery(trpc.splits.rules.queryOptions())
  return (
    <div className="grid gap-3">
      <div className="flex items-center justify-between gap-3">
        <h3>Rules</h3>
        {mayPay && <Button onClick={() => setOpen(true)}>New rule</Button>}
      </div>
      {rules.length === 0 && <p className="text-sm text-muted">A rule says which share of royalties somebody gets.</p>}
      <ul className="grid gap-1 text-sm" aria-label="Rules">
        {rules.map(({ id, name, percentage, role, recipientAddress, minimumThreshold }) => (
          <li key={id} className="[overflow-wrap:anywhere]">
            <span className="font-medium">{name}</span> {percentage} % ({role}), from {minimumThreshold} USDC{' '}
            <span className="font-mono text-xs text-muted">{recipientAddress}</span>
          </li>
        ))}
      </ul>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="New rule" description="Rules are not changed later: splits go by them.">
        <RuleForm onDone={() => setOpen(false)} />
      </Dialog>
    </div>
  )
}

const asNumber = { setValueAs: (text: unknown) => (text === '' ? Number.NaN : Number(text)) }

function RuleForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const form = useContractForm(CreateRule, { defaultValues: { splits: { recipientAddress: '', name: '', role: 'artist' }, threshold: 50 } })
  const { errors } = form.formState
  const create = useMutation(
    trpc.splits.createRule.mutationOptions({
      onSuccess: async () => {
        await refresh()
        onDone()
      },
    }),
  )
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((values) => create.mutate(values))}>
      <TextField label="Name" autoComplete="off" error={problem(errors.splits?.name)} {...form.register('splits.name')} />
      <TextField
        label="Address on Base"
        autoComplete="off"
        error={problem(errors.splits?.recipientAddress)}
        {...form.register('splits.recipientAddress')}
      />
      <div className="grid gap-5 sm:grid-cols-3">
        <TextField
          label="Percent"
          inputMode="decimal"
          error={problem(errors.splits?.percentage)}
          {...form.register('splits.percentage', asNumber)}
        />
        <SelectField label="Role" {...form.register('splits.role')}>
          {['artist', 'producer', 'label', 'writer', 'engineer'].map((role) => (
            <option key={role}>{role}</option>
          ))}
        </SelectField>
        <TextField label="Least (USDC)" inputMode="decimal" error={problem(errors.threshold)} {...form.register('threshold', asNumber)} />
      </div>
      {create.isError && <ErrorNotice error={create.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Store rule
        </Button>
      </DialogActions>
    </form>
  )
}
