import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { z } from 'zod'
import { SetPolicy } from '../../../../server/money/wallets/sends.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { SelectField, TextArea, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'

const none = (text: string): string | null => (text.trim() === '' ? null : text.trim())
const lines = (text: string): string[] | null => (text.trim() === '' ? null : text.trim().split(/[\s,;]+/))

/** A field of the form as it is typed, where an empty one is no limit. */
const typed = (schema: z.ZodType, read: (text: string) => unknown) =>
  z.string().superRefine((text, check) => {
    const { error } = schema.safeParse(read(text))
    if (error) check.addIssue({ code: 'custom', message: error.issues[0]!.message })
  })

const { perTransfer, perDay, approvalAbove, allowedRecipients } = SetPolicy.shape
const PolicyValues = z.object({
  agentId: z.string(),
  perTransfer: typed(perTransfer, none),
  perDay: typed(perDay, none),
  approvalAbove: typed(approvalAbove, none),
  allowedRecipients: typed(allowedRecipients, lines),
})
type PolicyValues = z.infer<typeof PolicyValues>

const toPolicy = (values: PolicyValues): SetPolicy => ({
  agentId: none(values.agentId),
  perTransfer: none(values.perTransfer),
  perDay: none(values.perDay),
  approvalAbove: none(values.approvalAbove),
  allowedRecipients: lines(values.allowedRecipients),
})

interface PolicyDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export const PolicyDialog = ({ isOpen, onOpenChange }: PolicyDialogProps) => (
  <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title="Set a policy" description="It takes the place of the one there was.">
    <PolicyForm onDone={() => onOpenChange(false)} />
  </Dialog>
)

function PolicyForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { data: agents = [] } = useQuery(trpc.agents.list.queryOptions({}))
  const empty = { agentId: '', perTransfer: '', perDay: '', approvalAbove: '', allowedRecipients: '' }
  const form = useContractForm(PolicyValues, { defaultValues: empty })
  const { errors } = form.formState
  const set = useMutation(
    trpc.wallet.setPolicy.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.wallet.policies.queryFilter())
        toast.success('The policy is set.')
        onDone()
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  const amount = (name: 'perTransfer' | 'perDay' | 'approvalAbove', label: string) => (
    <TextField
      label={label}
      autoComplete="off"
      inputMode="decimal"
      placeholder="No limit"
      error={problem(errors[name])}
      {...form.register(name)}
    />
  )
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((values) => set.mutate(toPolicy(values)))}>
      <SelectField label="For" {...form.register('agentId')}>
        <option value="">Everybody in the workspace</option>
        {agents.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {amount('perTransfer', 'USDC at once (optional)')}
      {amount('perDay', 'USDC a day, in UTC (optional)')}
      {amount('approvalAbove', 'An owner approves more than (optional)')}
      <TextArea
        label="Only to these addresses (optional)"
        rows={3}
        placeholder="0x…, one on each line"
        error={problem(errors.allowedRecipients)}
        {...form.register('allowedRecipients')}
      />
      {set.isError && Object.keys(errors).length === 0 && <ErrorNotice error={set.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={set.isPending}>
          Set policy
        </Button>
      </DialogActions>
    </form>
  )
}
