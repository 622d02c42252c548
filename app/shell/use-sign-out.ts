import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '../trpc/client.tsx'
import { describeError } from '../trpc/errors.ts'

export function useSignOut() {
  const trpc = useTRPC()
  const { mutate, isPending } = useMutation(
    trpc.accounts.signOut.mutationOptions({
      // A fresh page: nothing the account has seen stays in memory.
      onSuccess: () => window.location.assign('/login'),
      onError: (error) => toast.error(describeError(error).message),
    }),
  )
  return { start: () => mutate(), isPending }
}
