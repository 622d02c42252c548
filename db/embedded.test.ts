import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatabaseUnreachable } from './database-failures.ts'
import { openEmbedded } from './embedded.ts'
import type { Engine } from './engine.ts'

let dataDir: string
let engine: Engine
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  engine = await openEmbedded(dataDir)
})
afterEach(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

async function ask(sql: string): Promise<unknown[]> {
  const client = await engine.systemPool.connect()
  try {
    return (await client.query<unknown>(sql, [])).rows
  } finally {
    client.release()
  }
}

test('a database that had to stop is opened again with all that was acknowledged, and heard again', async () => {
  const heard: (string | boolean)[] = []
  await engine.listen('news', { onMessage: (text) => heard.push(text), onChange: (isListening) => heard.push(isListening) })
  await ask('create table notes (text text)')
  await ask(`insert into notes values ('kept')`)

  const log = join(dataDir, 'pglite', 'pg_wal')
  await rename(log, join(dataDir, 'away'))
  await ask('select pg_switch_wal()')
  await expect(ask(`insert into notes values ('not acknowledged')`)).rejects.toThrow(DatabaseUnreachable)
  await expect(ask('select 1')).rejects.toThrow(DatabaseUnreachable)
  await rename(join(dataDir, 'away'), log)

  await expect.poll(() => ask('select text from notes').catch(() => undefined), { timeout: 10_000 }).toEqual([{ text: 'kept' }])
  await ask(`notify news, 'open'`)
  await expect.poll(() => heard).toEqual([true, false, true, 'open'])
})
