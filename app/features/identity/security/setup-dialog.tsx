import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ActivateSecondFactor, type SecondFactorSetup } from '../../../../server/identity/second-factor/second-factor.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { RecoveryCodeList } from './recovery-codes.tsx'

export function SetupDialog({ onClose }: { onClose(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [codes, setCodes] = useState<string[] | null>(null)
  const begin = useMutation(trpc.secondFactor.begin.mutationOptions())
  const { mutate } = begin
  useEffect(() => mutate(), [mutate])
  const close = () => {
    void queries.invalidateQueries(trpc.secondFactor.pathFilter())
    onClose()
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && close()}
      title={codes ? 'Your recovery codes' : 'Set up an authenticator app'}
      // They are never shown again, so a stray click must not close it.
      canDismiss={codes === null}
    >
      {codes ? (
        <RecoveryCodeList codes={codes} onDone={close} />
      ) : begin.isError ? (
        <ErrorNotice error={begin.error} onRetry={() => mutate()} />
      ) : begin.data ? (
        <SetupForm setup={begin.data} onActivated={setCodes} onCancel={close} />
      ) : (
        <SkeletonList rows={1} className="h-52" />
      )}
    </Dialog>
  )
}

interface SetupFormProps {
  setup: SecondFactorSetup
  onActivated(recoveryCodes: string[]): void
  onCancel(): void
}

function SetupForm({ setup, onActivated, onCancel }: SetupFormProps) {
  const trpc = useTRPC()
  const form = useContractForm(ActivateSecondFactor, { defaultValues: { code: '' } })
  const { errors } = form.formState
  const activate = useMutation(
    trpc.secondFactor.activate.mutationOptions({
      onSuccess: ({ recoveryCodes }) => onActivated(recoveryCodes),
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => activate.mutate(input))}>
      <p className="text-sm">Scan this with your app, or type the secret into it. Then enter the code it shows.</p>
      <img src={setup.qrCode} alt="The secret as a QR code" className="size-52 justify-self-center rounded-lg bg-white p-2" />
      <div className="flex flex-wrap items-center justify-between gap-3 rounded-xl bg-sunken p-3">
        <code className="min-w-0 text-sm [overflow-wrap:anywhere]">{setup.secret.match(/.{1,4}/g)?.join(' ')}</code>
        <CopyButton text={setup.secret} what="the secret" />
      </div>
      <TextField
        label="Code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        error={problem(errors.code)}
        {...form.register('code')}
      />
      {activate.isError && Object.keys(errors).length === 0 && <ErrorNotice error={activate.error} />}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={activate.isPending}>
          Switch on
        </Button>
      </DialogActions>
    </form>
  )
}
