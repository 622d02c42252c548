import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'

export function OutboxList() {
  const trpc = useTRPC()
  const outbox = useQuery(trpc.outbox.list.queryOptions({}))
  if (outbox.isError) return <ErrorNotice error={outbox.error} onRetry={() => void outbox.refetch()} />
  if (!outbox.data) return <SkeletonList />
  const { mails, isInUse } = outbox.data
  if (mails.length === 0) {
    return (
      <EmptyState title="No mails here">
        {isInUse ? 'Mail this server would send is kept here, because SMTP_URL is not set.' : 'Mail is handed to the mail server.'}
      </EmptyState>
    )
  }
  return (
    <div className="grid gap-4">
      {!isInUse && <Notice>Mail is handed to the mail server now. These are from before.</Notice>}
      <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
        {mails.map((mail) => (
          <OutboxRow key={mail.id} mail={mail} />
        ))}
      </ul>
    </div>
  )
}

interface ListedMail {
  id: string
  to: string
  subject: string
  createdAt: string
}

function OutboxRow({ mail: { id, to, subject, createdAt } }: { mail: ListedMail }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <li className="grid gap-3 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0 [overflow-wrap:anywhere]">
          <p className="font-medium">{subject}</p>
          <p className="text-sm text-muted">
            {to}, <Time at={createdAt} />
          </p>
        </div>
        <Button aria-expanded={isOpen} aria-label={`${isOpen ? 'Close' : 'Read'} the mail to ${to}`} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Read'}
        </Button>
      </div>
      {isOpen && <OutboxMail id={id} />}
    </li>
  )
}

function OutboxMail({ id }: { id: string }) {
  const trpc = useTRPC()
  const mail = useQuery(trpc.outbox.get.queryOptions({ mailId: id }))
  if (mail.isError) return <ErrorNotice error={mail.error} onRetry={() => void mail.refetch()} />
  if (!mail.data) return <SkeletonList rows={1} />
  return (
    <p className="rounded-lg bg-sunken p-4 text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">
      {mail.data.text.split(/(https?:\/\/\S+)/).map((part, index) =>
        index % 2 === 1 ? (
          <a key={index} href={part} className="underline underline-offset-4">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </p>
  )
}
