import type { MetaFunction } from '@remix-run/node'
import { OutboxList } from '../../features/admin/outbox-list.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Outbox · Agentbot' }]

export default function OutboxPage() {
  return (
    <>
      <PageHeader title="Outbox">Mails this server would have sent. The links in them let in whoever opens them.</PageHeader>
      <OutboxList />
    </>
  )
}
