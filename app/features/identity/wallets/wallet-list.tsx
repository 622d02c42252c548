import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Unlink } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Identity } from '../../../../server/identity/identities/identities.contract.ts'
import { useTRPC, useTRPCClient } from '../../../trpc/client.tsx'
import { Button, IconButton } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { useIsHere } from '../../../shell/use-is-here.ts'
import type { InjectedWallet } from './injected-wallets.ts'
import { useWallets } from './use-wallets.ts'
import { WalletIcon, WalletProblem } from './wallet-buttons.tsx'

const WALLETS = 'eip155'

/** The wallets somebody signs in with, and those of this browser that can be added. `origin` is the public address of the server. */
export function WalletList({ origin }: { origin: string }) {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.identities.list.queryOptions({}))
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={1} />
  const linked = data.filter(({ issuer }) => issuer === WALLETS)
  return (
    <div className="grid gap-4">
      {linked.length === 0 ? (
        <p className="text-sm text-muted">No wallet yet.</p>
      ) : (
        <ul className="grid gap-2">
          {linked.map((identity) => (
            <WalletRow key={identity.subject} identity={identity} />
          ))}
        </ul>
      )}
      <ConnectWallet origin={origin} />
    </div>
  )
}

function WalletRow({ identity }: { identity: Identity }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const { issuer, subject, label, createdAt, lastUsed } = identity
  const unlink = useMutation(
    trpc.identities.unlink.mutationOptions({
      onSuccess: async () => {
        setOpen(false)
        await queries.invalidateQueries(trpc.identities.list.pathFilter())
        toast.success('The wallet no longer signs you in.')
      },
    }),
  )
  return (
    <li className="flex items-start gap-3">
      <div className="grid min-w-0 flex-1">
        <span className="font-mono text-sm [overflow-wrap:anywhere]">{label}</span>
        <span className="text-sm text-muted">
          added <Time at={createdAt} />
          {lastUsed && (
            <>
              {' · '}last used <Time at={lastUsed} />
            </>
          )}
        </span>
      </div>
      <IconButton label={`Unlink the wallet ${label}`} onClick={() => setOpen(true)}>
        <Unlink size={16} aria-hidden />
      </IconButton>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Unlink this wallet?"
        description="You can no longer sign in with it. The wallet itself is not touched."
        action="Unlink wallet"
        isBusy={unlink.isPending}
        error={unlink.error}
        onConfirm={() => unlink.mutate({ issuer, subject })}
      />
    </li>
  )
}

function ConnectWallet({ origin }: { origin: string }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queries = useQueryClient()
  const wallets = useWallets()
  const isHere = useIsHere(origin)
  const link = useMutation({
    mutationFn: async ({ provider }: InjectedWallet) => {
      const { signMessage } = await import('./sign-message.ts')
      const statement = 'Let this wallet sign in to my Agentbot account.'
      return client.wallets.link.mutate(await signMessage(provider, statement, () => client.wallets.startLink.mutate({})))
    },
    onSuccess: async () => {
      await queries.invalidateQueries(trpc.identities.list.pathFilter())
      toast.success('The wallet signs you in from now on.')
    },
  })
  if (wallets.length > 0 && !isHere)
    return (
      <p className="text-sm text-muted">
        Wallets can only be connected at <span className="font-mono">{origin}</span>.
      </p>
    )
  if (wallets.length === 0) return <p className="text-sm text-muted">This browser has no wallet to connect.</p>
  return (
    <div className="grid justify-items-start gap-3">
      {wallets.map((wallet) => (
        <Button
          key={wallet.id}
          onClick={() => link.mutate(wallet)}
          disabled={link.isPending}
          isBusy={link.isPending && link.variables.id === wallet.id}
        >
          <WalletIcon wallet={wallet} /> Connect {wallet.name}
        </Button>
      ))}
      <WalletProblem error={link.error} />
    </div>
  )
}
