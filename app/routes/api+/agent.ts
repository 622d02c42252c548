import { actOnAgent, queryAgent } from '#server/api/default-agent/default-agent.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: queryAgent, POST: actOnAgent })
export const action = loader
