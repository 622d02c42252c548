import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { WalletSend } from '../../../../server/money/wallets/sends.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { shortEther } from './short-ether.ts'

/** While something is on its way, it is looked at again this often. */
const LOOK_AGAIN_MS = 5_000

const stateNames: Record<WalletSend['state'], string> = {
  waiting: 'waits for an owner',
  declined: 'declined',
  expired: 'not approved in time',
  queued: 'about to be sent',
  signed: 'being sent',
  broadcast: 'sent, not final yet',
  confirmed: 'paid',
  failed: 'failed',
}

const isOpen = ({ state }: WalletSend): boolean => ['queued', 'signed', 'broadcast'].includes(state)

/** Payments from the wallet, those that wait first. */
export function SendList() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(
    trpc.wallet.sends.queryOptions({}, { refetchInterval: ({ state }) => (state.data?.some(isOpen) ? LOOK_AGAIN_MS : false) }),
  )
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-16" />
  const waiting = data.filter(({ state }) => state === 'waiting')
  const others = data.filter(({ state }) => state !== 'waiting')
  return (
    <>
      {waiting.length > 0 && (
        <Section title="Waiting for an owner" about="No policy allows these payments.">
          <SendRows sends={waiting} />
        </Section>
      )}
      <Section title="Payments">
        {others.length === 0 ? <p className="text-sm text-muted">Nothing was sent yet.</p> : <SendRows sends={others} />}
      </Section>
    </>
  )
}

const SendRows = ({ sends }: { sends: WalletSend[] }) => (
  <ul className="divide-y divide-line">
    {sends.map((send) => (
      <SendRow key={send.id} send={send} />
    ))}
  </ul>
)

function SendRow({ send }: { send: WalletSend }) {
  const { to, amount, state, reason, approvableUntil, agentId, explorerUrl, createdAt, feeEth } = send
  return (
    <li className="flex flex-wrap items-start justify-between gap-3 py-3">
      <div className="grid min-w-0 gap-1">
        <p className="font-medium tabular-nums">
          {amount} USDC <span className="font-normal text-muted">{stateNames[state]}</span>
        </p>
        <p className="font-mono text-xs text-muted [overflow-wrap:anywhere]">to {to}</p>
        <p className="text-sm text-muted">
          <Time at={createdAt} />
          {agentId && ` · asked for by ${agentId}`}
          {feeEth && ` · cost ${shortEther(feeEth)} ETH`}
          {explorerUrl && (
            <>
              {' · '}
              <a className="underline underline-offset-4" href={explorerUrl} target="_blank" rel="noreferrer">
                on the chain<span className="sr-only">, {amount} USDC</span>
              </a>
            </>
          )}
        </p>
        {reason && <p className="text-sm">{reason}</p>}
        {approvableUntil && (
          <p className="text-sm text-muted">
            It can be approved until <Time at={approvableUntil} isExact />.
          </p>
        )}
      </div>
      {state === 'waiting' && <Decision sendId={send.id} />}
    </li>
  )
}

function Decision({ sendId }: { sendId: string }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayDecide = useMay('workspace:own')
  const onSuccess = async ({ state }: WalletSend) => {
    await queries.invalidateQueries(trpc.wallet.pathFilter())
    toast.success(state === 'declined' ? 'Declined.' : 'Approved, and on its way.')
  }
  const approve = useMutation(trpc.wallet.approveSend.mutationOptions({ onSuccess }))
  const decline = useMutation(trpc.wallet.declineSend.mutationOptions({ onSuccess }))
  if (!mayDecide) return null
  const error = approve.error ?? decline.error
  return (
    <div className="grid gap-2">
      <div className="flex gap-2">
        <Button isBusy={decline.isPending} onClick={() => decline.mutate({ sendId })}>
          Decline
        </Button>
        <Button look="primary" isBusy={approve.isPending} onClick={() => approve.mutate({ sendId })}>
          Approve
        </Button>
      </div>
      {error && <ErrorNotice error={error} />}
    </div>
  )
}
