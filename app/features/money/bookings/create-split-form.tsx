import { useMutation, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { CreateSplit } from '../../../../server/money/splits/splits.contract.ts'
import { parseTokenUnits, USDC_DECIMALS } from '../../../../server/platform/money/token-units.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Checkbox, TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { useRefresh } from './use-settlements.ts'

/** The form as it is typed: USDC instead of millionths. */
const SplitValues = z.object({
  release: CreateSplit.shape.release,
  usdc: z
    .string()
    .trim()
    .regex(/^(?!0*(\.0*)?$)\d{1,9}(\.\d{1,6})?$/, 'expected USDC above 0, such as 75 or 12.50'),
  ruleIds: CreateSplit.shape.ruleIds,
})

export function CreateSplitForm() {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const { data: rules = [] } = useQuery(trpc.splits.rules.queryOptions())
  const form = useContractForm(SplitValues, { defaultValues: { release: '', usdc: '', ruleIds: [] } })
  const { errors } = form.formState
  const create = useMutation(
    trpc.splits.create.mutationOptions({
      onSuccess: async () => {
        form.reset()
        await refresh()
      },
    }),
  )
  if (rules.length === 0) return null
  const submit = form.handleSubmit(({ usdc, ...rest }) => create.mutate({ ...rest, amount: String(parseTokenUnits(usdc, USDC_DECIMALS)) }))
  return (
    <form noValidate className="grid gap-4" onSubmit={submit}>
      <h3>New split</h3>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField label="Release" maxLength={100} autoComplete="off" error={problem(errors.release)} {...form.register('release')} />
        <TextField label="Amount (USDC)" inputMode="decimal" error={problem(errors.usdc)} {...form.register('usdc')} />
      </div>
      <fieldset className="grid gap-1">
        <legend className="text-sm font-medium">Who gets a share</legend>
        {rules.map(({ id, name, percentage }) => (
          <Checkbox key={id} value={id} label={`${name}, ${percentage} %`} {...form.register('ruleIds')} />
        ))}
        {errors.ruleIds && <p className="text-sm font-medium text-danger">{problem(errors.ruleIds)}</p>}
      </fieldset>
      {create.isError && <ErrorNotice error={create.error} />}
      <div>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Store split
        </Button>
      </div>
    </form>
  )
}
