import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { SignInSession } from '../../../../server/identity/sessions/sessions.contract.ts'
import { useSignOut } from '../../../shell/use-sign-out.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'

export function SessionList() {
  const trpc = useTRPC()
  const signOut = useSignOut()
  const { data, error, isError, refetch } = useQuery(trpc.sessions.list.queryOptions())
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={2} />
  return (
    <div className="grid gap-4">
      <ul className="grid gap-3">
        {data.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button onClick={signOut.start} isBusy={signOut.isPending}>
          <LogOut size={16} aria-hidden /> Sign out
        </Button>
        <SignOutEverywhere />
      </div>
    </div>
  )
}

const methods: Record<string, string> = {
  password: 'with a password',
  wallet: 'with a wallet',
  passkey: 'with a passkey',
  oauth: 'with a sign-in elsewhere',
  farcaster: 'with Farcaster',
}

function SessionRow({ session }: { session: SignInSession }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const end = useMutation(
    trpc.sessions.end.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.sessions.list.pathFilter())
        toast.success(`${session.device} is signed out.`)
      },
      onError: (error) => toast.error(describeError(error).message),
    }),
  )
  const { device, ip, method, hasSecondFactor, isCurrent, createdAt, lastSeenAt } = session
  return (
    <li className="flex flex-wrap items-center justify-between gap-3">
      <div className="min-w-0 text-sm">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium [overflow-wrap:anywhere]">{device}</span>
          {isCurrent && <span className="text-muted">this one</span>}
        </p>
        <p className="text-muted [overflow-wrap:anywhere]">
          {ip && <span className="font-mono text-xs">{ip}</span>}
          {ip && ' · '}used <Time at={lastSeenAt} /> · signed in <Time at={createdAt} /> {methods[method] ?? method}
          {hasSecondFactor && ', two factors'}
        </p>
      </div>
      {!isCurrent && (
        <Button isBusy={end.isPending} onClick={() => end.mutate({ sessionId: session.id })} aria-label={`Sign out ${device}`}>
          Sign out
        </Button>
      )}
    </li>
  )
}

function SignOutEverywhere() {
  const trpc = useTRPC()
  const [isOpen, setOpen] = useState(false)
  const endAll = useMutation(trpc.sessions.endAll.mutationOptions({ onSuccess: () => window.location.assign('/login') }))
  return (
    <>
      <Button onClick={() => setOpen(true)}>Sign out everywhere</Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Sign out everywhere?"
        description="Every browser that is signed in as you is signed out, this one too. API keys go on working."
        action="Sign out everywhere"
        isBusy={endAll.isPending || endAll.isSuccess}
        error={endAll.error}
        onConfirm={() => endAll.mutate()}
      />
    </>
  )
}
