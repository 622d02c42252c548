import { agentsRest } from '#server/api/agents/agents.rest.ts'
import { rest } from '../../http/rest.server.ts'

export const loader = rest({ GET: agentsRest.config, PUT: agentsRest.updateConfig })
export const action = loader
