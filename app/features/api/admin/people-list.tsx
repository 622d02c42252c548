import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { People } from '../../../../server/api/admin/admin.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { SearchBox } from './search-box.tsx'
import { useOutcome } from './use-operator-action.ts'

/** The people of the server, newest first. */
export function PeopleList() {
  const trpc = useTRPC()
  const [search, setSearch] = useState('')
  const { data, error, isError, refetch } = useQuery(trpc.admin.people.queryOptions({ limit: 100, ...(search ? { search } : {}) }))
  return (
    <div className="grid gap-4">
      <SearchBox label="Name, address or id" onSearch={setSearch} />
      {isError && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <SkeletonList rows={5} />}
      {data && (
        <ul className="rounded-xl border border-line bg-surface">
          {data.people.map((person) => (
            <PersonRow key={person.id} person={person} />
          ))}
        </ul>
      )}
      {data?.next && <p className="text-sm text-muted">There are more: search for the one you mean.</p>}
    </div>
  )
}

function PersonRow({ person }: { person: People['people'][number] }) {
  const trpc = useTRPC()
  const [isOpen, setOpen] = useState(false)
  const { id, name, email, isSuspended, createdAt, lastSeenAt } = person
  const suspend = useMutation(trpc.admin.suspendPerson.mutationOptions(useOutcome(`${name} is kept out.`)))
  const unsuspend = useMutation(trpc.admin.unsuspendPerson.mutationOptions(useOutcome(`${name} may come in again.`)))
  const signOut = useMutation(trpc.admin.signOutPerson.mutationOptions(useOutcome(`${name} is signed out everywhere.`)))
  return (
    <li className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="grid min-w-0 flex-1 basis-60 gap-1">
        <p className="font-medium [overflow-wrap:anywhere]">
          {name} {isSuspended && <span className="text-sm text-danger">suspended</span>}
        </p>
        <p className="text-sm [overflow-wrap:anywhere] text-muted">
          {email ?? id} · came <Time at={createdAt} />
          {lastSeenAt && (
            <>
              {' · '}last seen <Time at={lastSeenAt} />
            </>
          )}
        </p>
      </div>
      <Button isBusy={signOut.isPending} onClick={() => signOut.mutate({ userId: id })}>
        Sign out
      </Button>
      {isSuspended ? (
        <Button isBusy={unsuspend.isPending} onClick={() => unsuspend.mutate({ userId: id })}>
          Let in
        </Button>
      ) : (
        <Button onClick={() => setOpen(true)}>Suspend</Button>
      )}
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Keep ${name} out?`}
        description="Sessions end and keys stop working at once. It can be taken back; the sessions cannot."
        action="Suspend"
        isBusy={suspend.isPending}
        error={suspend.error}
        onConfirm={() => suspend.mutate({ userId: id }, { onSuccess: () => setOpen(false) })}
      />
    </li>
  )
}
