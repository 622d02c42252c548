import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pencil, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { ApiKey } from '../../../../server/identity/keys/keys.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { IconButton } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ChangeKeyDialog } from './change-key-dialog.tsx'
import { KeyFacts } from './key-facts.tsx'
import { ReplaceKeyDialog } from './replace-key-dialog.tsx'

type Asked = 'change' | 'replace' | 'delete'

export function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const mayChange = useMay('keys:write')
  const [asked, setAsked] = useState<Asked | null>(null)
  const dialog = (which: Asked) => ({ isOpen: asked === which, onOpenChange: (isOpen: boolean) => setAsked(isOpen ? which : null) })
  const { name } = apiKey
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-b border-line px-4 py-3.5 last:border-b-0 sm:flex-nowrap sm:px-5">
      <KeyFacts apiKey={apiKey} />
      <div className={mayChange ? '-ml-2 flex sm:ml-0' : 'hidden'}>
        <IconButton label={`Change the key ${name}`} onClick={() => setAsked('change')}>
          <Pencil size={16} aria-hidden />
        </IconButton>
        <IconButton label={`Replace the key ${name}`} onClick={() => setAsked('replace')}>
          <RefreshCw size={16} aria-hidden />
        </IconButton>
        <IconButton label={`Delete the key ${name}`} onClick={() => setAsked('delete')}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      </div>
      <ChangeKeyDialog apiKey={apiKey} {...dialog('change')} />
      <ReplaceKeyDialog apiKey={apiKey} {...dialog('replace')} />
      <DeleteKeyDialog apiKey={apiKey} {...dialog('delete')} />
    </li>
  )
}

interface DeleteKeyDialogProps {
  apiKey: ApiKey
  isOpen: boolean
  onOpenChange(isOpen: boolean): void
}

function DeleteKeyDialog({ apiKey: { id, name }, ...dialog }: DeleteKeyDialogProps) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const remove = useMutation(
    trpc.keys.delete.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.keys.pathFilter())
        toast.success(`The key “${name}” no longer works.`)
      },
    }),
  )
  return (
    <ConfirmDialog
      {...dialog}
      title="Delete this key?"
      description={`Whatever uses “${name}” is refused from then on. This cannot be undone.`}
      action="Delete key"
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ keyId: id })}
    />
  )
}
