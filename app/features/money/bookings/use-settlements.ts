import { useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'

/** Has what is shown of bookings and splits read again, after something was changed. */
export function useRefresh(): () => Promise<void> {
  const trpc = useTRPC()
  const queries = useQueryClient()
  return async () => {
    await Promise.all([queries.invalidateQueries(trpc.bookings.pathFilter()), queries.invalidateQueries(trpc.splits.pathFilter())])
  }
}
