import { useQuery } from '@tanstack/react-query'
import type { Booking } from '../../../../server/money/bookings/bookings.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { BookingCard } from './booking-card.tsx'

/** How soon to look again while payouts are on their way, and while a deposit may arrive. */
const PAYOUTS_MS = 5_000
const DEPOSITS_MS = 15_000

function lookAgain(bookings: Booking[] = []): number | false {
  if (bookings.some(({ status }) => status === 'completed')) return PAYOUTS_MS
  return bookings.some(({ status, escrowAddress }) => status === 'pending' && escrowAddress !== null) && DEPOSITS_MS
}

export function BookingList() {
  const trpc = useTRPC()
  const {
    data: bookings,
    error,
    isError,
    refetch,
  } = useQuery(trpc.bookings.list.queryOptions({}, { refetchInterval: ({ state }) => lookAgain(state.data) }))
  if (!bookings) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-40" />
  if (bookings.length === 0)
    return (
      <EmptyState title="No bookings yet">A booking says who is paid how much of a gig. Its money is held until you release it.</EmptyState>
    )
  return (
    <ul className="grid gap-4" aria-label="Bookings">
      {bookings.map((booking) => (
        <BookingCard key={booking.id} booking={booking} />
      ))}
    </ul>
  )
}
