import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { ApiKey } from '../../../../server/identity/keys/keys.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { AddressFields } from './address-fields.tsx'
import { ChangeValues, toChange, valuesOf } from './key-values.ts'

interface ChangeKeyDialogProps {
  apiKey: ApiKey
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export const ChangeKeyDialog = ({ apiKey, isOpen, onOpenChange }: ChangeKeyDialogProps) => (
  <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={`Change “${apiKey.name}”`} description="What it may do stays as it is.">
    <ChangeKeyForm apiKey={apiKey} onDone={() => onOpenChange(false)} />
  </Dialog>
)

function ChangeKeyForm({ apiKey, onDone }: { apiKey: ApiKey; onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const form = useContractForm(ChangeValues, { defaultValues: valuesOf(apiKey) })
  const { errors } = form.formState
  const update = useMutation(
    trpc.keys.update.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.keys.pathFilter())
        toast.success('The key is changed.')
        onDone()
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={form.handleSubmit((values) => update.mutate({ keyId: apiKey.id, ...toChange(values, apiKey) }))}
    >
      <TextField label="Name" autoComplete="off" maxLength={64} error={problem(errors.name)} {...form.register('name')} />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField label="Expires after (optional)" type="date" error={problem(errors.expiresOn)} {...form.register('expiresOn')} />
        <TextField
          label="Calls per minute (optional)"
          inputMode="numeric"
          placeholder="No limit of its own"
          error={problem(errors.rateLimit)}
          {...form.register('rateLimit')}
        />
      </div>
      <AddressFields
        addresses={form.register('allowedAddresses')}
        isElsewhere={form.register('isUsedElsewhere')}
        error={problem(errors.allowedAddresses)}
      />
      {update.isError && Object.keys(errors).length === 0 && <ErrorNotice error={update.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={update.isPending}>
          Save
        </Button>
      </DialogActions>
    </form>
  )
}
