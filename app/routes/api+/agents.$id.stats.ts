import { agentsRest } from '#server/api/agents/agents.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: agentsRest.stats })
export const action = loader
