import { benchAgentsList } from './bench/agents-list.ts'
await benchAgentsList({ rounds: 3, seconds: 3 })
