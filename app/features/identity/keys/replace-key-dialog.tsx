import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiKey } from '../../../../server/identity/keys/keys.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { SelectField } from '../../../ui/field.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { NewKey } from './new-key.tsx'

interface ReplaceKeyDialogProps {
  apiKey: ApiKey
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

const isAhead = (at: string): boolean => Date.parse(at) > Date.now()

const overlaps = [
  { hours: 0, label: 'Stops at once' },
  { hours: 1, label: 'Works for another hour' },
  { hours: 24, label: 'Works for another day' },
  { hours: 168, label: 'Works for another week' },
]

/** Makes a new key in the place of one, which goes on working for a while. */
export function ReplaceKeyDialog({ apiKey, isOpen, onOpenChange }: ReplaceKeyDialogProps) {
  const [key, setKey] = useState<string | null>(null)
  const setOpen = (isOpen: boolean) => {
    if (!isOpen) setKey(null)
    onOpenChange(isOpen)
  }
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setOpen}
      title={key ? 'Your new key' : `Replace “${apiKey.name}”`}
      // The key is never shown again, so a stray click must not close it.
      canDismiss={key === null}
    >
      {key ? (
        <NewKey value={key} onDone={() => setOpen(false)} />
      ) : (
        <ReplaceKeyForm apiKey={apiKey} onReplaced={setKey} onCancel={() => setOpen(false)} />
      )}
    </Dialog>
  )
}

interface ReplaceKeyFormProps {
  apiKey: ApiKey
  onReplaced(key: string): void
  onCancel(): void
}

function ReplaceKeyForm({ apiKey: { id, leakedAt, oldKeyExpiresAt }, onReplaced, onCancel }: ReplaceKeyFormProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [hours, setHours] = useState(24)
  const rotate = useMutation(
    trpc.keys.rotate.mutationOptions({
      onSuccess: ({ key }) => {
        void queries.invalidateQueries(trpc.keys.pathFilter())
        onReplaced(key)
      },
    }),
  )
  const isOlderAround = oldKeyExpiresAt !== null && isAhead(oldKeyExpiresAt)
  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        rotate.mutate({ keyId: id, overlapHours: leakedAt ? 0 : hours })
      }}
    >
      <p className="text-sm text-muted">What the key may do, its limits and what it has spent stay as they are.</p>
      {leakedAt ? (
        <Notice tone="warn">The key was reported as leaked, so it has stopped already. Only the new one will work.</Notice>
      ) : (
        <SelectField
          label="The old key"
          hint={isOlderAround ? 'The one before it, which still works, stops at once.' : 'Time to put the new one where it is used.'}
          value={hours}
          onChange={(event) => setHours(Number(event.target.value))}
        >
          {overlaps.map(({ hours, label }) => (
            <option key={hours} value={hours}>
              {label}
            </option>
          ))}
        </SelectField>
      )}
      {rotate.isError && <ErrorNotice error={rotate.error} />}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={rotate.isPending}>
          Make a new key
        </Button>
      </DialogActions>
    </form>
  )
}
