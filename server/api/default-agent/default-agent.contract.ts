import { z } from 'zod'
import { Nothing } from '#server/platform/core/common.contract.ts'
import { SendMessage } from '#server/chat/turns/chat.contract.ts'

export const ShowAgentApi = Nothing
export const AgentApiIndex = z
  .object({
    apiVersion: z.string(),
    agentbotVersion: z.string(),
    endpoints: z.record(z.string(), z.string()).describe('Calls of `/api/agent`, and what each one does.'),
  })
  .meta({ id: 'AgentApiIndex' })
export type AgentApiIndex = z.infer<typeof AgentApiIndex>

export const ChatWithAgent = SendMessage
export const AgentChatAnswer = z
  .object({ sessionId: z.string(), reply: z.string(), timestamp: z.number().int().min(0).describe('Unix time in milliseconds.') })
  .meta({ id: 'AgentChatAnswer' })
export type AgentChatAnswer = z.infer<typeof AgentChatAnswer>
