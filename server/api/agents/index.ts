export { countTurns, getAgentStats } from './agent-stats.service.ts'
