import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { CreateInvitation } from '../../../../server/identity/invitations/invitations.contract.ts'
import { useWorkspaces } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { control, SelectField, TextField } from '../../../ui/field.tsx'
import { problem, showFieldProblems, useContractForm } from '../../../ui/form.ts'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { grantable, roleTexts } from '../members/member-roles.ts'

interface InviteDialogProps {
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

export function InviteDialog({ isOpen, onOpenChange }: InviteDialogProps) {
  const [link, setLink] = useState<string | null>(null)
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) setLink(null)
    onOpenChange(isOpen)
  }
  return (
    <Dialog isOpen={isOpen} onOpenChange={setOpen} title={link ? 'Send them this link' : 'Invite somebody'} canDismiss={link === null}>
      {link ? <InvitationLink link={link} onDone={() => setOpen(false)} /> : <InviteForm onLink={setLink} onDone={() => setOpen(false)} />}
    </Dialog>
  )
}

/** What the server cannot mail, the inviter sends. It is shown this once. */
export const InvitationLink = ({ link, onDone }: { link: string; onDone(): void }) => (
  <div className="grid gap-4">
    <Notice tone="warn">
      This server sends no mail, so the link is for you to pass on. It is not shown again, and works once, for their address.
    </Notice>
    <div className="flex gap-2">
      <input readOnly aria-label="Link" className={`${control} font-mono`} value={link} onFocus={(event) => event.target.select()} />
      <CopyButton text={link} what="the link" />
    </div>
    <DialogActions>
      <Button look="primary" onClick={onDone}>
        Done
      </Button>
    </DialogActions>
  </div>
)

function InviteForm({ onLink, onDone }: { onLink(link: string): void; onDone(): void }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { workspace } = useWorkspaces()
  const form = useContractForm(CreateInvitation, { defaultValues: { email: '', role: 'member' } })
  const { errors } = form.formState
  const invite = useMutation(
    trpc.invitations.create.mutationOptions({
      onSuccess: ({ link, email }) => {
        void queries.invalidateQueries(trpc.invitations.list.pathFilter())
        if (link) return onLink(link)
        toast.success(`The invitation is on its way to ${email}.`)
        onDone()
      },
      onError: (error) => void showFieldProblems(form, error),
    }),
  )
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => invite.mutate(input))}>
      <TextField label="Email" type="email" autoComplete="off" error={problem(errors.email)} {...form.register('email')} />
      <SelectField label="Role" error={problem(errors.role)} {...form.register('role')}>
        {grantable(workspace.role).map((role) => (
          <option key={role} value={role}>
            {role}: {roleTexts[role]}
          </option>
        ))}
      </SelectField>
      {invite.isError && Object.keys(errors).length === 0 && <ErrorNotice error={invite.error} />}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={invite.isPending}>
          Invite
        </Button>
      </DialogActions>
    </form>
  )
}
