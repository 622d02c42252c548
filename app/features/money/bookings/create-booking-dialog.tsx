import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextArea, TextField } from '../../../ui/field.tsx'
import { problem, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { BookingValues, toCommand } from './booking-values.ts'
import { useRefresh } from './use-settlements.ts'

interface CreateBookingDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export const CreateBookingDialog = ({ isOpen, onOpenChange }: CreateBookingDialogProps) => (
  <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title="New booking" description="Nothing is paid by this.">
    <CreateBookingForm onDone={() => onOpenChange(false)} />
  </Dialog>
)

function CreateBookingForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const form = useContractForm(BookingValues, {
    defaultValues: { venue: '', date: '', guarantee: '', backend: '0', deposit: '0', shares: '' },
  })
  const { errors } = form.formState
  const create = useMutation(
    trpc.bookings.create.mutationOptions({
      onSuccess: async () => {
        await refresh()
        onDone()
      },
    }),
  )
  return (
    <form noValidate className="grid gap-5" onSubmit={form.handleSubmit((values) => create.mutate(toCommand(values)))}>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField label="Venue" maxLength={100} autoComplete="off" error={problem(errors.venue)} {...form.register('venue')} />
        <TextField label="Day" type="date" error={problem(errors.date)} {...form.register('date')} />
      </div>
      <div className="grid gap-5 sm:grid-cols-3">
        <TextField label="Guarantee (USDC)" inputMode="decimal" error={problem(errors.guarantee)} {...form.register('guarantee')} />
        <TextField label="Backend (USDC)" inputMode="decimal" error={problem(errors.backend)} {...form.register('backend')} />
        <TextField label="Deposit (USDC)" inputMode="decimal" error={problem(errors.deposit)} {...form.register('deposit')} />
      </div>
      <TextArea
        label="Shares"
        isCode
        hint="A line each: percent, artist, manager, agent or venue, address on Base, name."
        placeholder="80 artist 0x52908400098527886E0F7030069857D2E4169EE7 Ines Vale"
        error={problem(errors.shares)}
        {...form.register('shares')}
      />
      {create.isError && <ErrorNotice error={create.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Store booking
        </Button>
      </DialogActions>
    </form>
  )
}
