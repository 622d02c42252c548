import { chatRest } from '#server/chat/turns/chat.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: chatRest.agentMessages })
export const action = loader
