import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { EmptyState, ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { BookingCard } from './booking-card.tsx'

export function BookingList() {
  const trpc = useTRPC()
  const { data: bookings, error, isError, refetch } = useQuery(trpc.bookings.list.queryOptions())
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
