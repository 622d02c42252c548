import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { RenamePasskey, type Passkey } from '../../../../server/identity/passkeys/passkeys.contract.ts'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button, IconButton } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { keepOnlyPasskeys } from './browser-passkeys.ts'

export function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const [isEditing, setEditing] = useState(false)
  const [isRemoving, setRemoving] = useState(false)
  const { label, isSynced, createdAt, lastUsed } = passkey
  if (isEditing) return <RenameForm passkey={passkey} onDone={() => setEditing(false)} />
  return (
    <li className="flex items-start gap-1">
      <div className="grid min-w-0 flex-1">
        <span className="font-medium [overflow-wrap:anywhere]">{label}</span>
        <span className="text-sm text-muted">
          {isSynced && 'synced · '}added <Time at={createdAt} />
          {' · '}
          {lastUsed ? (
            <>
              last used <Time at={lastUsed} />
            </>
          ) : (
            'never used'
          )}
        </span>
      </div>
      <IconButton label={`Rename the passkey ${label}`} onClick={() => setEditing(true)}>
        <Pencil size={16} aria-hidden />
      </IconButton>
      <IconButton label={`Remove the passkey ${label}`} onClick={() => setRemoving(true)}>
        <Trash2 size={16} aria-hidden />
      </IconButton>
      <RemoveDialog passkey={passkey} isOpen={isRemoving} onOpenChange={setRemoving} />
    </li>
  )
}

function RenameForm({ passkey, onDone }: { passkey: Passkey; onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const form = useContractForm(RenamePasskey, { defaultValues: { passkeyId: passkey.id, label: passkey.label } })
  const { errors } = form.formState
  const rename = useMutation(
    trpc.passkeys.rename.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.passkeys.list.pathFilter())
        onDone()
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <li>
      <form noValidate className="flex flex-wrap items-end gap-2" onSubmit={form.handleSubmit((input) => rename.mutate(input))}>
        <TextField
          label="Name of the passkey"
          className="min-w-0 flex-1"
          autoComplete="off"
          autoFocus
          maxLength={100}
          error={problem(errors.label)}
          {...form.register('label')}
        />
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={rename.isPending}>
          Save
        </Button>
        {rename.isError && Object.keys(errors).length === 0 && <ErrorNotice error={rename.error} />}
      </form>
    </li>
  )
}

interface RemoveDialogProps {
  passkey: Passkey
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

function RemoveDialog({ passkey, isOpen, onOpenChange }: RemoveDialogProps) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const remove = useMutation(
    trpc.passkeys.remove.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false)
        toast.success(`The passkey “${passkey.label}” no longer signs you in.`)
        const { user } = await client.accounts.session.query({})
        const left = await client.passkeys.list.query({})
        await queries.invalidateQueries(trpc.passkeys.list.pathFilter())
        if (user)
          await keepOnlyPasskeys(
            user.id,
            left.map(({ credentialId }) => credentialId),
          )
      },
    }),
  )
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Remove this passkey?"
      description={`You can no longer sign in with “${passkey.label}”, and agents that were verified with it are not verified any more.`}
      action="Remove passkey"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ passkeyId: passkey.id })}
    />
  )
}
