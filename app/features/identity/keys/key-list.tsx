import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { ApiKey } from '../../../../server/identity/keys/keys.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button, IconButton } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'

export function KeyList({ onCreate }: { onCreate(): void }) {
  const trpc = useTRPC()
  const mayCreate = useMay('keys:write')
  const { data: keys, error, isError, refetch } = useQuery(trpc.keys.list.queryOptions())
  if (!keys) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-20" />
  if (keys.length === 0) {
    return (
      <EmptyState
        title="No API keys yet"
        action={
          mayCreate && (
            <Button look="primary" onClick={onCreate}>
              Create a key
            </Button>
          )
        }
      >
        A key lets a script, a server or the SDK call REST, GraphQL and tRPC in your name. It can be limited to what it needs.
      </EmptyState>
    )
  }
  return (
    <ul className="rounded-xl border border-line bg-surface">
      {keys.map((key) => (
        <KeyRow key={key.id} apiKey={key} />
      ))}
    </ul>
  )
}

const isPast = (at: string): boolean => Date.parse(at) < Date.now()

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayDelete = useMay('keys:write')
  const [isOpen, setOpen] = useState(false)
  const remove = useMutation(
    trpc.keys.delete.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.keys.list.pathFilter())
        toast.success(`The key “${apiKey.name}” no longer works.`)
      },
    }),
  )
  const { name, keyPreview, scopes, createdAt, lastUsed, expiresAt, rateLimit } = apiKey
  const isExpired = expiresAt !== null && isPast(expiresAt)
  return (
    <li className="flex items-start gap-3 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="grid min-w-0 flex-1 gap-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
          <span className="font-mono text-xs text-muted">{keyPreview}</span>
        </p>
        <p className="text-sm text-muted">
          {scopes ? <span className="font-mono text-xs">{scopes.join(', ')}</span> : 'May do everything a key can'}
        </p>
        <p className="text-sm text-muted">
          created <Time at={createdAt} />
          {' · '}
          {lastUsed ? (
            <>
              last used <Time at={lastUsed} />
            </>
          ) : (
            'never used'
          )}
          {expiresAt && (
            <span className={isExpired ? 'text-danger' : undefined}>
              {' · '}
              {isExpired ? 'expired' : 'expires'} <Time at={expiresAt} />
            </span>
          )}
          {rateLimit !== null && ` · ${rateLimit} calls per minute`}
        </p>
      </div>
      {mayDelete && (
        <IconButton label={`Delete the key ${name}`} onClick={() => setOpen(true)}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      )}
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Delete this key?"
        description={`Whatever uses “${name}” is refused from then on. This cannot be undone.`}
        action="Delete key"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ keyId: apiKey.id })}
      />
    </li>
  )
}
