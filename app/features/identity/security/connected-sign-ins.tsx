import { useSearchParams } from '@remix-run/react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Identity } from '../../../../server/identity/identities/identities.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { SignInProblem } from '../auth/sign-in-problem.tsx'

/** Accounts at other services one can sign in with; wallets are a list of their own. */
export function ConnectedSignIns() {
  const trpc = useTRPC()
  const identities = useQuery(trpc.identities.list.queryOptions())
  const providers = useQuery(trpc.oauth.providers.queryOptions())
  const [params] = useSearchParams()
  const failed = [identities, providers].find(({ isError }) => isError)
  if (failed) return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />
  if (!identities.data || !providers.data) return <SkeletonList rows={1} />
  const connected = identities.data.filter(isElsewhere)
  return (
    <div className="grid gap-4">
      {params.has('problem') && <SignInProblem />}
      {connected.length === 0 && providers.data.length === 0 && (
        <p className="text-sm text-muted">This server offers no sign-in elsewhere.</p>
      )}
      {connected.length > 0 && (
        <ul className="grid gap-3">
          {connected.map((identity) => (
            <IdentityRow key={`${identity.issuer} ${identity.subject}`} identity={identity} />
          ))}
        </ul>
      )}
      <div className="flex flex-wrap gap-2">
        {providers.data.map(({ id, name }) => (
          <ConnectButton key={id} provider={id} name={name} />
        ))}
      </div>
    </div>
  )
}

const isElsewhere = ({ issuer }: Identity): boolean => issuer.startsWith('http')

function ConnectButton({ provider, name }: { provider: 'github' | 'google' | 'oidc'; name: string }) {
  const trpc = useTRPC()
  const start = useMutation(
    trpc.oauth.startLink.mutationOptions({
      onSuccess: ({ url }) => window.location.assign(url),
      onError: (error) => toast.error(describeError(error).message),
    }),
  )
  return (
    <Button isBusy={start.isPending || start.isSuccess} onClick={() => start.mutate({ provider, next: '/settings' })}>
      Connect {name}
    </Button>
  )
}

function IdentityRow({ identity }: { identity: Identity }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const { issuer, subject, label, lastUsed } = identity
  const host = new URL(issuer).host
  const unlink = useMutation(
    trpc.identities.unlink.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.identities.list.pathFilter())
        toast.success(`${label} at ${host} is disconnected.`)
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center justify-between gap-3">
      <div className="min-w-0 text-sm">
        <p className="font-medium [overflow-wrap:anywhere]">{label}</p>
        <p className="text-muted">
          {host}
          {lastUsed && (
            <>
              {' · used '}
              <Time at={lastUsed} />
            </>
          )}
        </p>
      </div>
      <Button onClick={() => setOpen(true)} aria-label={`Disconnect ${label} at ${host}`}>
        Disconnect
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Disconnect this sign-in?"
        description={`${label} at ${host} signs you in no more.`}
        action="Disconnect"
        isBusy={unlink.isPending}
        error={unlink.error}
        onConfirm={() => unlink.mutate({ issuer, subject })}
      />
    </li>
  )
}
