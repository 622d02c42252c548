import { useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '../../../trpc/client.tsx'
import { describeError } from '../../../trpc/errors.ts'

/** What follows an action of an operator: the lists are read again, and a word says how it ended. */
export function useOutcome(message: string) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  return {
    onSuccess: async () => {
      await queries.invalidateQueries(trpc.admin.pathFilter())
      toast.success(message)
    },
    onError: (error: unknown) => void toast.error(describeError(error).message),
  }
}
