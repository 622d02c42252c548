import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'

/** Whether the person who is signed in has a password; true until that is known, as most have. */
export function useHasPassword(): boolean {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.sessions.waysToReauthenticate.queryOptions())
  return data?.password ?? true
}
