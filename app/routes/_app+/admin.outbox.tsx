import type { MetaFunction } from '@remix-run/node'
import { OutboxList } from '../../features/integrations/mail/outbox-list.tsx'

export const meta: MetaFunction = () => [{ title: 'Outbox · Agentbot' }]

export default function OutboxPage() {
  return (
    <>
      <p className="mb-4 text-sm text-muted">Mails this server would have sent. The links in them let in whoever opens them.</p>
      <OutboxList />
    </>
  )
}
