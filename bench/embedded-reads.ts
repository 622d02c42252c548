import { PGlite } from '@electric-sql/pglite'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareLoad, type BenchOptions } from './compare.ts'
import { startAgentbot, startBare } from './processes.ts'
import { createKey, INSERT_AGENTS } from './seed.ts'

/** The list of 100 agents on the embedded database, against a server that has nothing but that. Each has a copy of the same data. */
export async function benchEmbeddedReads(options: BenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-bench-embedded-'))
  const [dataDir, copy] = [join(folder, 'agentbot'), join(folder, 'bare')]
  try {
    const first = await startAgentbot({ DATA_DIR: dataDir })
    const { key, accountId } = await createKey(first.url)
    await first.stop()
    const lite = await PGlite.create(join(dataDir, 'pglite'))
    await lite.query(INSERT_AGENTS, [accountId, 100])
    await lite.exec('vacuum analyze')
    await lite.close()
    await cp(dataDir, copy, { recursive: true })

    const agentbot = await startAgentbot({ DATA_DIR: dataDir })
    const bare = await startBare('bench/bare-agents-embedded.ts', { DATA_DIR: copy })
    try {
      const request = { path: '/api/agents', headers: { authorization: `Bearer ${key}` } }
      await compareLoad('GET /api/agents, 100 agents, embedded database', '0.7', request, agentbot, bare, options)
    } finally {
      await agentbot.stop()
      await bare.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
