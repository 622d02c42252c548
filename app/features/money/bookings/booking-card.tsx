import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Booking } from '../../../../server/money/bookings/bookings.contract.ts'
import { useMay } from '../../../workspace/workspace.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { PayoutList } from './payout-list.tsx'
import { useRefresh } from './use-settlements.ts'

const states: Record<Booking['status'], string> = {
  pending: 'waits for its deposit',
  confirmed: 'the deposit has arrived',
  completed: 'payouts are on their way',
  settled: 'paid out',
}

const usdc = (amount: number): string => `${amount} USDC`

export const BookingCard = ({ booking }: { booking: Booking }) => (
  <li className="grid gap-4 rounded-xl border border-line bg-surface p-5">
    <div className="flex flex-wrap justify-between gap-2">
      <h2 className="[overflow-wrap:anywhere]">{booking.venue}</h2>
      <p className="text-sm font-medium">{states[booking.status]}</p>
    </div>
    <BookingFacts booking={booking} />
    {booking.payouts.length > 0 && (
      <PayoutList payouts={booking.payouts.map(({ error, amount, ...payout }) => ({ ...payout, amount: String(amount), note: error }))} />
    )}
    <BookingActions booking={booking} />
  </li>
)

const BookingFacts = ({
  booking: { date, guarantee, backend, deposit, received, fees, escrowAddress, splitRules },
}: {
  booking: Booking
}) => (
  <div className="grid gap-1 text-sm text-muted">
    <p>
      {date} · guarantee {usdc(guarantee)} · backend {usdc(backend)} · deposit {usdc(deposit)}
    </p>
    <p>
      Fees {usdc(fees.total)}
      {fees.total > 0 && ` (${usdc(fees.transaction)} for the payouts, ${usdc(fees.escrow)} for holding the guarantee)`} · received{' '}
      {usdc(received)}
    </p>
    <p>{splitRules.map(({ name, percentage, role }) => `${name} ${percentage} % (${role})`).join(' · ')}</p>
    {escrowAddress && (
      <p className="flex flex-wrap items-center gap-2">
        Pay to <code className="[overflow-wrap:anywhere] text-ink">{escrowAddress}</code>
        <CopyButton text={escrowAddress} what="the address of the booking" />
      </p>
    )}
  </div>
)

type Asked = 'release' | 'refund'

function BookingActions({ booking: { id, venue, escrowAddress, fees, guarantee, backend, releasedAt } }: { booking: Booking }) {
  const trpc = useTRPC()
  const mayPay = useMay('payments:write')
  const refresh = useRefresh()
  const [asked, setAsked] = useState<Asked | null>(null)
  const onSuccess = async ({ status, message }: { status?: string; message?: string }) => {
    await refresh()
    setAsked(null)
    if (status === 'simulated') toast.info(message ?? 'This server has no chain: it was only calculated, and nothing moved.')
  }
  const escrow = useMutation(trpc.bookings.createEscrow.mutationOptions({ onSuccess, onError: (error) => toast.error(error.message) }))
  const release = useMutation(trpc.bookings.release.mutationOptions({ onSuccess }))
  const refund = useMutation(trpc.bookings.refund.mutationOptions({ onSuccess: () => onSuccess({}) }))
  if (!mayPay) return null
  const dialog = (which: Asked) => ({ isOpen: asked === which, onOpenChange: (isOpen: boolean) => setAsked(isOpen ? which : null) })
  return (
    <div className="flex flex-wrap gap-2">
      {escrowAddress === null && (
        <Button isBusy={escrow.isPending} onClick={() => escrow.mutate({ bookingId: id })}>
          Make deposit address
        </Button>
      )}
      {releasedAt === null && <Button onClick={() => setAsked('release')}>Release</Button>}
      {escrowAddress !== null && <Button onClick={() => setAsked('refund')}>Send back what is not needed</Button>}
      <ConfirmDialog
        {...dialog('release')}
        title="Release the money?"
        description={`The guarantee of ${usdc(guarantee)} and the backend of ${usdc(backend)} of “${venue}” are paid out, and fees of ${usdc(fees.total)} are taken. This happens once and cannot be undone.`}
        action="Release"
        isBusy={release.isPending}
        error={release.error}
        onConfirm={() => release.mutate({ bookingId: id })}
      />
      <ConfirmDialog
        {...dialog('refund')}
        title="Send deposits back?"
        description={
          releasedAt === null
            ? 'Everything that arrived goes back to where it came from.'
            : 'What is too much, or came too late, goes back to where it came from.'
        }
        action="Send back"
        isBusy={refund.isPending}
        error={refund.error}
        onConfirm={() => refund.mutate({ bookingId: id })}
      />
    </div>
  )
}
