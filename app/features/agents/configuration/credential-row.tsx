import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'

interface CredentialRowProps {
  agentId: string
  credential: string
  name: string
  isStored: boolean
}

export function CredentialRow({ agentId, credential, name, isStored }: CredentialRowProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [open, setOpen] = useState<'value' | 'removal' | null>(null)
  const [value, setValue] = useState('')
  const save = useMutation(
    trpc.agents.setCredential.mutationOptions({
      onSuccess: async ({ configured }) => {
        await queries.invalidateQueries(trpc.agents.credentials.pathFilter())
        toast.success(configured ? `The ${name} key is stored.` : `The ${name} key was removed.`)
        setOpen(null)
        setValue('')
      },
    }),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (value.trim()) save.mutate({ agentId, key: credential, value: value.trim() })
  }
  return (
    <li className="grid gap-3 py-2.5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm">
          <span className="font-medium">{name}</span>{' '}
          <span className={isStored ? 'text-ok' : 'text-muted'}>{isStored ? 'stored' : 'not set'}</span>
        </p>
        <div className="flex gap-2">
          {isStored && (
            <Button onClick={() => setOpen('removal')} aria-label={`Remove the ${name} key`}>
              Remove
            </Button>
          )}
          <Button
            onClick={() => setOpen(open === 'value' ? null : 'value')}
            aria-expanded={open === 'value'}
            aria-label={`${isStored ? 'Replace' : 'Set'} the ${name} key`}
          >
            {isStored ? 'Replace' : 'Set'}
          </Button>
        </div>
      </div>
      {open === 'value' && (
        <form className="flex flex-wrap items-end gap-2" onSubmit={submit}>
          {/* Not a password of this site: browsers should not offer to keep it. */}
          <TextField
            label={`${name} key`}
            type="password"
            autoComplete="off"
            autoFocus
            className="min-w-52 flex-1"
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
          <Button type="submit" look="primary" isBusy={save.isPending} disabled={!value.trim()}>
            Store
          </Button>
        </form>
      )}
      {open === 'value' && save.isError && <ErrorNotice error={save.error} />}
      <ConfirmDialog
        isOpen={open === 'removal'}
        onOpenChange={(isOpen) => setOpen(isOpen ? 'removal' : null)}
        title={`Remove the ${name} key?`}
        description="The agent then uses the key of this server, if it has one. The key cannot be brought back from here."
        action="Remove key"
        isBusy={save.isPending}
        error={save.error}
        onConfirm={() => save.mutate({ agentId, key: credential })}
      />
    </li>
  )
}
