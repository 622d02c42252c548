import { useMutation, useQuery } from '@tanstack/react-query'
import type { FailedJobs } from '../../../../server/api/admin/admin.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useOutcome } from './use-operator-action.ts'

/** How agents and model providers are, and jobs that were given up. */
export const ServerHealth = () => (
  <div className="grid gap-4">
    <Section title="Agents">
      <Runtimes />
    </Section>
    <Section title="Model providers">
      <Providers />
    </Section>
    <Section title="Failed jobs">
      <Jobs />
    </Section>
  </div>
)

function Runtimes() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.admin.runtimes.queryOptions({}))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={1} />
  return (
    <div className="grid gap-3 text-sm">
      <p>{data.states.length === 0 ? 'There are none.' : data.states.map(({ status, agents }) => `${agents} ${status}`).join(', ')}</p>
      {data.unwell.length > 0 && (
        <ul className="grid gap-2">
          {data.unwell.map(({ agentId, status, reason }) => (
            <li key={agentId} className="[overflow-wrap:anywhere]">
              <span className="font-mono text-xs">{agentId}</span> is {status}
              {reason && `: ${reason}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Providers() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.ai.health.queryOptions({}))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={1} />
  return (
    <ul className="grid gap-1 text-sm">
      {Object.entries(data.providers).map(([name, answers]) => (
        <li key={name}>
          {name}: {answers ? 'answers' : <span className="text-danger">does not answer</span>}
        </li>
      ))}
    </ul>
  )
}

function Jobs() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.admin.failedJobs.queryOptions({}))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={2} />
  if (data.jobs.length === 0) return <p className="text-sm text-muted">None was given up.</p>
  return (
    <ul className="grid gap-3">
      {data.jobs.map((job) => (
        <FailedJob key={job.id} job={job} />
      ))}
    </ul>
  )
}

function FailedJob({ job }: { job: FailedJobs['jobs'][number] }) {
  const trpc = useTRPC()
  const retry = useMutation(trpc.admin.retryJob.mutationOptions(useOutcome('It is tried again.')))
  return (
    <li className="flex flex-wrap items-center gap-3 text-sm">
      <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
        <p className="font-medium">{job.type}</p>
        <p className="text-muted">
          {job.error} {job.completedAt && <Time at={job.completedAt} />}
        </p>
      </div>
      <Button isBusy={retry.isPending} onClick={() => retry.mutate({ jobId: job.id })}>
        Try again
      </Button>
    </li>
  )
}
