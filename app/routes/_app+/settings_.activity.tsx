import type { MetaFunction } from '@remix-run/node'
import { ActivityLog, ExportLinks } from '../../features/insight/audit/activity-log.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Activity · Agentbot' }]

export default function ActivityPage() {
  return (
    <>
      <PageHeader title="Activity" actions={<ExportLinks />}>
        Who did what in this workspace, and from where.
      </PageHeader>
      <ActivityLog />
    </>
  )
}
