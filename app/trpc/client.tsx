import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { EventSource } from 'eventsource'
import { createContext, useContext, useState, type ReactNode } from 'react'
import { postingEventSource } from '../../sdk/src/event-source.ts'
import { describeError, isSignedOut } from './errors.ts'
import { ReauthenticationQuestion, reauthenticationLink } from './reauthentication.ts'
import type { AppRouter } from './router.ts'

const context = createTRPCContext<AppRouter>()
/** `useTRPC` makes options for TanStack Query; `useTRPCClient` calls directly, for streams. */
export const { useTRPC, useTRPCClient } = context

const QuestionContext = createContext<ReauthenticationQuestion | null>(null)
/** What asks the person to prove once more who they are; null outside of the provider. */
export const useReauthenticationQuestion = (): ReauthenticationQuestion | null => useContext(QuestionContext)

/** Calls that name a workspace are made in it, whatever other windows have chosen meanwhile. */
const headersFor = (workspaceId: string | undefined): Record<string, string> =>
  workspaceId === undefined ? {} : { 'x-agentbot-workspace': workspaceId }

const createClient = (question: ReauthenticationQuestion, workspaceId: string | undefined) =>
  createTRPCClient<AppRouter>({
    links: [
      reauthenticationLink(question),
      splitLink({
        condition: ({ type }) => type === 'subscription',
        // The browser's own EventSource sends GET, which has no room for a long message.
        true: httpSubscriptionLink({ url: '/trpc', EventSource, eventSourceOptions: postingEventSource(headersFor(workspaceId)) }),
        false: httpBatchLink({ url: '/trpc', maxItems: 10, headers: headersFor(workspaceId) }),
      }),
    ],
  })

const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && describeError(error).isTransient,
      },
    },
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  })

/** The session ended while the page was open. */
function leaveWhenSignedOut(error: unknown): void {
  if (!isSignedOut(error)) return
  const { pathname, search } = window.location
  window.location.assign(`/login?next=${encodeURIComponent(pathname + search)}`)
}

/**
 * Gives the pages below it the typed transport and a cache for what came through it. Give it the id as its key as well, so that
 * nothing of one workspace is shown in another.
 */
export function ApiProvider({ workspaceId, children }: { workspaceId: string | undefined; children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  const [question] = useState(() => new ReauthenticationQuestion())
  const [trpcClient] = useState(() => createClient(question, workspaceId))
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        <QuestionContext.Provider value={question}>{children}</QuestionContext.Provider>
      </context.TRPCProvider>
    </QueryClientProvider>
  )
}
