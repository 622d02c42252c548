import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'

/** Workspaces that were deleted and can still be taken back; nothing where there are none. */
export function DeletedWorkspaces() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { data: workspaces = [] } = useQuery(trpc.workspaces.listDeleted.queryOptions())
  const restore = useMutation(
    trpc.workspaces.restore.mutationOptions({
      onSuccess: async ({ name }) => {
        await queries.invalidateQueries(trpc.workspaces.pathFilter())
        toast.success(`“${name}” is open again. Its agents are stopped.`)
      },
    }),
  )
  if (workspaces.length === 0) return null
  return (
    <div className="grid gap-2">
      <h3 className="text-sm font-medium">Deleted workspaces</h3>
      <ul className="grid gap-2">
        {workspaces.map(({ id, name, erasedAt }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-sunken px-4 py-3 text-sm">
            <span className="[overflow-wrap:anywhere]">
              <span className="font-medium">{name}</span>{' '}
              <span className="text-muted">
                erased <Time at={erasedAt} />
              </span>
            </span>
            <Button isBusy={restore.isPending} onClick={() => restore.mutate({ workspaceId: id })}>
              Take back
            </Button>
          </li>
        ))}
      </ul>
      {restore.isError && <ErrorNotice error={restore.error} />}
    </div>
  )
}
