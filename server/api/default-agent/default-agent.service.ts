import { AGENT_API_VERSION } from '#server/agents/definitions/agents.contract.ts'
import type { SendMessage } from '#server/chat/turns/chat.contract.ts'
import { sendMessage } from '#server/chat/turns/index.ts'
import type { AccountContext } from '#server/platform/core/index.ts'
import type { AgentApiIndex, AgentChatAnswer } from './default-agent.contract.ts'

const endpoints = {
  'GET /api/agent?action=health': 'State of the runtime',
  'GET /api/agent?action=sessions': 'Conversation sessions',
  'GET /api/agent?action=session&sessionId=...': 'One session with its messages',
  'GET /api/agent?action=memory': 'The last ten messages of the active session, shortened',
  'GET /api/agent?action=skills': 'Installed skills',
  'GET /api/agent?action=credentials': 'Which credentials are stored',
  'POST /api/agent {"action":"chat","message":"..."}': 'Talk to the agent',
  'POST /api/agent {"action":"create-session"}': 'Start a new session',
  'POST /api/agent {"action":"update-skill","skillId":"...","enabled":true}': 'Switch a skill',
  'POST /api/agent {"action":"set-credential","key":"...","value":"..."}': 'Store or remove a credential',
}

/** What there is under `/api/agent`. */
export const showAgentApi = async ({ platform: { version } }: AccountContext): Promise<AgentApiIndex> => ({
  apiVersion: AGENT_API_VERSION,
  agentbotVersion: version,
  endpoints,
})

/**
 * Sends a message to the agent and waits for its reply.
 *
 * @throws What `sendMessage` throws.
 */
export async function chatWithAgent(ctx: AccountContext, input: SendMessage): Promise<AgentChatAnswer> {
  const { sessionId, reply } = await sendMessage(ctx, input)
  return { sessionId, reply, timestamp: Date.now() }
}
