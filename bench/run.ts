import { cpus } from 'node:os'
import { ensureBuilt } from '../scripts/build.ts'
import { benchAgentMemory } from './agent-memory.ts'
import { benchBudgets } from './budgets.ts'
import { benchEmbeddedReads } from './embedded-reads.ts'
import { benchFirstToken } from './first-token.ts'
import { benchGateway } from './gateway.ts'
import { benchMetrics } from './metrics.ts'
import { benchReads } from './reads.ts'
import { benchSchedules } from './schedules.ts'
import { benchStartup } from './startup.ts'
import { benchVouchers } from './vouchers.ts'
import { benchWebhooks } from './webhooks.ts'

// Each figure is compared with a simple limit in the same run. Nothing here fails: it measures.
ensureBuilt()
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`)
await benchReads({ rounds: 5, seconds: 5 })
await benchEmbeddedReads({ rounds: 5, seconds: 5 })
await benchVouchers({ rounds: 5 })
await benchWebhooks()
await benchFirstToken({ rounds: 5 })
await benchGateway({ rounds: 5, seconds: 5 })
await benchBudgets({ rounds: 3, seconds: 5 })
await benchSchedules({ rounds: 3 })
await benchMetrics({ rounds: 5 })
await benchAgentMemory()
await benchStartup({ rounds: 3 })
