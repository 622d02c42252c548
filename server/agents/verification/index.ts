export { getCheckedAgent } from './checked-agent.service.ts'
