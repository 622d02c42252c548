import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeletedUser } from '../../../../server/automation/deletion/deletion.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { control } from '../../../ui/field.tsx'
import { Time } from '../../../ui/time.tsx'

export function DeleteAccount() {
  const trpc = useTRPC()
  const [isAsking, setAsking] = useState(false)
  const [deleted, setDeleted] = useState<DeletedUser | null>(null)
  const remove = useMutation(
    trpc.users.delete.mutationOptions({
      onSuccess: (answer) => {
        setAsking(false)
        setDeleted(answer)
      },
    }),
  )
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <div className="grid gap-1 text-sm">
        <h3 className="font-medium">Delete your account</h3>
        <p className="max-w-prose text-muted">
          You are signed out everywhere, your keys and agents stop, and you leave all teams. Everything of yours is erased after seven days,
          in which you can take it back.
        </p>
      </div>
      <Button look="danger" onClick={() => setAsking(true)}>
        Delete account
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setAsking}
        title="Delete your account?"
        description="With it go your agents, their messages, memory and files, and what is left of your credits."
        typed="delete my account"
        action="Delete account"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ confirm: true })}
      />
      {deleted && <DeletedDialog deleted={deleted} />}
    </div>
  )
}

/** The session is over, so that this is all that is left to see. */
function DeletedDialog({ deleted: { erasedAt, restoreToken } }: { deleted: DeletedUser }) {
  const link = `${window.location.origin}/restore#${restoreToken}`
  const leave = () => window.location.assign('/')
  return (
    <Dialog isOpen onOpenChange={leave} title="Your account is deleted" canDismiss={false}>
      <div className="grid gap-4">
        <p className="text-sm text-muted">
          Everything of yours is erased <Time at={erasedAt} />. Until then this link takes it back; it is in a mail to you as well.
        </p>
        <div className="flex gap-2">
          <input
            readOnly
            aria-label="Link that takes it back"
            className={`${control} font-mono`}
            value={link}
            onFocus={(event) => event.target.select()}
          />
          <CopyButton text={link} what="the link" />
        </div>
        <DialogActions>
          <Button look="primary" onClick={leave}>
            Leave
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  )
}
