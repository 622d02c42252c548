import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import type { WorkspaceExport } from '../../../../server/automation/exports/exports.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { useDownloadPath } from '../../../workspace/workspace.ts'
import { formatBytes } from '../../insight/metrics/figures.ts'

const POLL_MS = 2000

/** Archives of everything the workspace has. Only owners see them. */
export function ExportPanel() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const list = useQuery(
    trpc.exports.list.queryOptions(undefined, {
      // Nobody says when an archive is ready.
      refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'preparing') ? POLL_MS : false),
    }),
  )
  const create = useMutation(trpc.exports.create.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.exports.pathFilter()) }))
  if (!list.data) return list.isError ? <ErrorNotice error={list.error} onRetry={() => void list.refetch()} /> : <SkeletonList rows={1} />
  const isPreparing = list.data.some(({ status }) => status === 'preparing')
  return (
    <div className="grid gap-4">
      {list.data.length > 0 && (
        <ul className="grid gap-2">
          {list.data.map((one) => (
            <ExportRow key={one.id} one={one} />
          ))}
        </ul>
      )}
      {create.isError && <ErrorNotice error={create.error} />}
      <Button className="justify-self-start" isBusy={create.isPending || isPreparing} onClick={() => create.mutate({})}>
        {isPreparing ? 'Preparing the archive' : 'Prepare an archive'}
      </Button>
    </div>
  )
}

function ExportRow({ one: { status, url, size, error, createdAt, expiresAt } }: { one: WorkspaceExport }) {
  const pathOf = useDownloadPath()
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-sunken px-4 py-3 text-sm">
      <span>
        Asked for <Time at={createdAt} />
        {status === 'preparing' && <span className="text-muted"> · being written</span>}
        {status === 'failed' && <span className="text-danger"> · failed: {error}</span>}
        {expiresAt && (
          <span className="text-muted">
            {' · '}
            {formatBytes(size ?? 0)}, removed <Time at={expiresAt} />
          </span>
        )}
      </span>
      {url && (
        <a href={pathOf(url)} download className="inline-flex min-h-10 items-center gap-2 font-medium underline underline-offset-4">
          <Download size={16} aria-hidden /> Download
        </a>
      )}
    </li>
  )
}
