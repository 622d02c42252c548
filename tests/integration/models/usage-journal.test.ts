import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UsageRow } from '../../../server/models/metering/metering.queries.ts'
import { UsageJournal } from '../../../server/models/metering/usage-journal.ts'
import type { AccountId } from '../../../server/platform/core/context.ts'
import { recoverUsage } from '../../../server/models/metering/index.ts'
import { flushUsage } from '../../../server/models/metering/metering.service.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../../fakes/openai.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

// What a server that is killed leaves behind is what is in its journal at that moment: a copy of it stands for that.

let provider: FakeOpenAi
let server: TestServer
let account: TestAccount
beforeAll(async () => {
  provider = await startFakeOpenAi()
  server = await startTestServer({ OPENAI_COMPATIBLE_BASE_URL: provider.url, MODEL_PRICES: 'compatible/priced=10/10' })
})
beforeEach(async () => {
  account = await server.createAccount()
})
afterAll(async () => {
  await server.close()
  await provider.close()
})

const call: Omit<UsageRow, 'accountId'> = {
  id: 'use_01jdx3k9t8f2v9w7b1n5q4h6zc',
  agentId: null,
  keyId: null,
  kind: 'chat',
  provider: 'compatible',
  model: 'compatible/priced',
  outcome: 'ok',
  inputTokens: 4,
  outputTokens: 5,
  costNanoUsd: 90_000,
  isOwnKey: false,
  isEstimated: false,
  isPrepaid: false,
  latencyMs: 12,
  firstTokenMs: 3,
  createdAt: new Date().toISOString(),
}

const complete = () =>
  server.call('POST', '/v1/chat/completions', {
    key: account.key,
    body: { model: 'compatible/priced', messages: [{ role: 'user', content: 'Name a knot, please' }] },
  })
const folder = () => join(server.platform.env.DATA_DIR, 'metering')
const journal = () => readFile(join(folder(), `${server.platform.serverId}.jsonl`), 'utf8')

async function calls() {
  const { system } = server.platform.databases
  return system.selectFrom('usageEvents').where('accountId', '=', account.id).orderBy('id').selectAll().execute()
}

/** As if a server with that journal had been killed. */
async function leaveBehind(text: string): Promise<void> {
  await mkdir(folder(), { recursive: true })
  await writeFile(join(folder(), 'srv_killed.jsonl'), text)
  const { system } = server.platform.databases
  await system.deleteFrom('usageEvents').where('accountId', '=', account.id).execute()
  await recoverUsage(server.platform)
}

describe('a server that is killed', () => {
  test('after an answer, before it has stored the call, has it stored once by the next one', async () => {
    const killed = new UsageJournal({ ...server.platform, serverId: 'srv_killed' })
    const row = { ...call, accountId: account.id as AccountId }
    killed.note({ ...row, outcome: 'aborted', isEstimated: true, outputTokens: null })
    killed.note(row)
    await recoverUsage(server.platform)
    const { createdAt: _createdAt, ...stored } = row
    expect(await calls()).toMatchObject([stored])
    expect(await readdir(folder())).not.toContain('srv_killed.jsonl')
    killed.note(row)
    killed.close()
    const again = new UsageJournal({ ...server.platform, serverId: 'srv_killed' })
    again.note(row)
    await recoverUsage(server.platform)
    expect(await calls()).toHaveLength(1)
  })

  test('while a provider answers leaves a call that is marked as estimated', async () => {
    const gate = createGate()
    provider.script({ kind: 'hang', gate })
    const asked = provider.requests.length
    const answer = complete()
    await provider.request(asked)
    const text = await journal()
    gate.open()
    expect((await answer).status).toBe(200)
    await flushUsage(server.platform)
    await leaveBehind(`${text}{"id":"use_cut_o`)
    expect(await calls()).toMatchObject([
      { outcome: 'aborted', isEstimated: true, inputTokens: 5, outputTokens: null, costNanoUsd: 50_000 },
    ])
  })
})

test('what is stored is in the journal no longer', async () => {
  expect((await complete()).status).toBe(200)
  await flushUsage(server.platform)
  expect(await journal()).toBe('')
})
