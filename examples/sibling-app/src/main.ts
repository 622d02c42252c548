import { postingEventSource, type AppRouter } from '@agentbot/sdk/trpc'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'
import { EventSource } from 'eventsource'

const { AGENTBOT_URL = 'http://localhost:3000', AGENTBOT_API_KEY } = process.env
const url = `${AGENTBOT_URL}/trpc`
const headers = { authorization: `Bearer ${AGENTBOT_API_KEY}` }
const agentbot = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: postingEventSource(headers) }),
      false: httpBatchLink({ url, headers }),
    }),
  ],
})

const agent = await agentbot.agents.provision.mutate({ name: 'Sibling' })
const { reply } = await agentbot.chat.send.mutate({ agentId: agent.id, message: 'Calculate 6 * 7' })
console.log(`${agent.name} says: ${reply}`)

process.stdout.write('and, word by word: ')
await new Promise<void>((onComplete, onError) =>
  agentbot.chat.stream.subscribe(
    { agentId: agent.id, message: 'Calculate 7 * 8' },
    { onData: ({ data }) => data.type === 'delta' && process.stdout.write(data.text), onComplete, onError },
  ),
)
console.log()
