import { agentsRest } from '#server/api/agents/agents.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ POST: agentsRest.stop })
export const action = loader
