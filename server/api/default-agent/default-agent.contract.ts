import { z } from 'zod'
import { Nothing } from '#server/platform/core/common.contract.ts'
import { SendMessage } from '#server/chat/turns/chat.contract.ts'

export const ShowAgentApi = Nothing
export const AgentApiIndex = z
  .object({
    apiVersion: z.string().describe('Version of this API.'),
    agentbotVersion: z.string().describe('Version of the server.'),
    endpoints: z.record(z.string(), z.string()).describe('Calls of `/api/agent`, and what each one does.'),
  })
  .meta({ id: 'AgentApiIndex', description: 'The API of the agent of the account.' })
export type AgentApiIndex = z.infer<typeof AgentApiIndex>

export const ChatWithAgent = SendMessage
export const AgentChatAnswer = z
  .object({
    sessionId: z.string().describe('Session the message was stored in.'),
    reply: z.string().describe('What the agent answered.'),
    timestamp: z.number().int().min(0).describe('Unix time in milliseconds.'),
  })
  .meta({ id: 'AgentChatAnswer', description: 'The reply of the agent of the account.' })
export type AgentChatAnswer = z.infer<typeof AgentChatAnswer>
