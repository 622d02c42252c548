import { useQuery } from '@tanstack/react-query'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { Button } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { KeyRow } from './key-row.tsx'

/** All keys of the workspace for who may see them, else those of the person. */
function useKeys() {
  const trpc = useTRPC()
  const all = useQuery(trpc.keys.listAll.queryOptions())
  const isRefused = all.isError && describeError(all.error).code === 'ROLE_REQUIRED'
  const own = useQuery(trpc.keys.list.queryOptions(undefined, { enabled: isRefused }))
  return isRefused ? own : all
}

export function KeyList({ onCreate }: { onCreate(): void }) {
  const mayCreate = useMay('keys:write')
  const { data: keys, error, isError, refetch } = useKeys()
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
