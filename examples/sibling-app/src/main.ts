import type { AppRouter } from '@agentbot/sdk/trpc'
import { createTRPCClient, httpBatchLink } from '@trpc/client'

const { AGENTBOT_URL = 'http://localhost:3000', AGENTBOT_API_KEY } = process.env
const headers = { authorization: `Bearer ${AGENTBOT_API_KEY}` }
const agentbot = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${AGENTBOT_URL}/trpc`, headers })] })

const agent = await agentbot.agents.provision.mutate({ name: 'Sibling' })
const { reply } = await agentbot.chat.send.mutate({ agentId: agent.id, message: 'Calculate 6 * 7' })
console.log(`${agent.name} says: ${reply}`)
