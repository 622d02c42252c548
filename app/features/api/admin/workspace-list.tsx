import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { AccountPlan } from '../../../../server/money/billing/billing.contract.ts'
import type { Workspaces } from '../../../../server/api/admin/admin.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { SelectField } from '../../../ui/field.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { SearchBox } from './search-box.tsx'
import { useOutcome } from './use-operator-action.ts'

/** The workspaces of the server. */
export function WorkspaceList() {
  const trpc = useTRPC()
  const [search, setSearch] = useState('')
  const { data, error, isError, refetch } = useQuery(trpc.admin.workspaces.queryOptions({ limit: 100, ...(search ? { search } : {}) }))
  return (
    <div className="grid gap-4">
      <SearchBox label="Name or id" onSearch={setSearch} />
      {isError && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <SkeletonList rows={5} />}
      {data && (
        <ul className="rounded-xl border border-line bg-surface">
          {data.workspaces.map((workspace) => (
            <WorkspaceRow key={workspace.id} workspace={workspace} />
          ))}
        </ul>
      )}
      {data?.next && <p className="text-sm text-muted">There are more: search for the one you mean.</p>}
    </div>
  )
}

function WorkspaceRow({ workspace }: { workspace: Workspaces['workspaces'][number] }) {
  const trpc = useTRPC()
  const [isOpen, setOpen] = useState(false)
  const { id, kind, name, plan, isSuspended, members, agents } = workspace
  const suspend = useMutation(trpc.admin.suspendWorkspace.mutationOptions(useOutcome(`${name} is closed.`)))
  const unsuspend = useMutation(trpc.admin.unsuspendWorkspace.mutationOptions(useOutcome(`${name} is open again.`)))
  const setPlan = useMutation(trpc.admin.setPlan.mutationOptions(useOutcome(`${name} has another plan.`)))
  return (
    <li className="flex flex-wrap items-end gap-3 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="grid min-w-0 flex-1 basis-60 gap-1">
        <p className="font-medium [overflow-wrap:anywhere]">
          {name} {isSuspended && <span className="text-sm text-danger">suspended</span>}
        </p>
        <p className="text-sm [overflow-wrap:anywhere] text-muted">
          {kind} · {members === 1 ? '1 member' : `${members} members`} · {agents === 1 ? '1 agent' : `${agents} agents`} ·{' '}
          <span className="font-mono text-xs">{id}</span>
        </p>
      </div>
      <SelectField
        label={`Plan of ${name}`}
        value={plan}
        disabled={setPlan.isPending}
        onChange={(event) => setPlan.mutate({ accountId: id, plan: event.target.value as typeof plan })}
      >
        {AccountPlan.options.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </SelectField>
      {isSuspended ? (
        <Button isBusy={unsuspend.isPending} onClick={() => unsuspend.mutate({ accountId: id })}>
          Open
        </Button>
      ) : (
        <Button onClick={() => setOpen(true)}>Suspend</Button>
      )}
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Close ${name}?`}
        description="Its members and keys are refused at once. It can be opened again."
        action="Suspend"
        isBusy={suspend.isPending}
        error={suspend.error}
        onConfirm={() => suspend.mutate({ accountId: id }, { onSuccess: () => setOpen(false) })}
      />
    </li>
  )
}
