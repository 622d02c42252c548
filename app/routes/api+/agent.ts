import { actOnAgent, queryAgent } from '#server/chat/own-agent.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: queryAgent, POST: actOnAgent })
export const action = loader
