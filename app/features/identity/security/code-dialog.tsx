import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { SecondFactorCode } from '../../../../server/identity/second-factor/second-factor.contract.ts'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { RecoveryCodeList } from './recovery-codes.tsx'

/** What a code is asked for. */
type Purpose = 'renew' | 'disable'

const words: Record<Purpose, { title: string; description: string; action: string }> = {
  renew: { title: 'New recovery codes', description: 'Those you have are void then.', action: 'Make new codes' },
  disable: { title: 'Switch the second factor off?', description: 'Signing in then asks for no code any more.', action: 'Switch off' },
}

export function CodeDialog({ purpose, onClose }: { purpose: Purpose; onClose(): void }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const [codes, setCodes] = useState<string[] | null>(null)
  const form = useContractForm(SecondFactorCode, { defaultValues: { code: '' } })
  const { errors } = form.formState
  const close = () => {
    void queries.invalidateQueries(trpc.secondFactor.pathFilter())
    onClose()
  }
  const send = useMutation({
    mutationFn: async (input: SecondFactorCode) => {
      if (purpose === 'renew') return (await client.secondFactor.renewRecoveryCodes.mutate(input)).recoveryCodes
      await client.secondFactor.disable.mutate(input)
      return null
    },
    onSuccess: (made) => {
      if (made) return setCodes(made)
      toast.success('The second factor is off.')
      close()
    },
    onError: (error) => void showFieldProblems(form, error),
  })
  const { title, description, action } = words[purpose]
  return (
    <Dialog isOpen onOpenChange={(isOpen) => !isOpen && close()} title={title} description={description} canDismiss={codes === null}>
      {codes ? (
        <RecoveryCodeList codes={codes} onDone={close} />
      ) : (
        <form noValidate method="post" className="grid gap-4" onSubmit={form.handleSubmit((input) => send.mutate(input))}>
          <TextField
            label="Code"
            autoComplete="one-time-code"
            hint="The 6 digits your authenticator app shows, or a recovery code."
            error={problem(errors.code)}
            {...form.register('code')}
          />
          {send.isError && Object.keys(errors).length === 0 && <ErrorNotice error={send.error} />}
          <DialogActions>
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" look={purpose === 'disable' ? 'danger' : 'primary'} isBusy={send.isPending}>
              {action}
            </Button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  )
}
