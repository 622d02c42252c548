import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEnv } from '../../server/platform/core/env.ts'
import type { RuntimeAgent, RuntimeDriver } from '../../server/agents/drivers/interface/driver.ts'
import { createProcesses } from '../../server/agents/drivers/process/process.ts'
import { describeDriver } from './driver-suite.ts'
import { installStandIn } from './stand-in-openclaw.ts'

let dataDir: string
const processOf = async ({ id }: { id: string }): Promise<{ pid: number; port: number }> =>
  JSON.parse(await readFile(join(dataDir, 'agents', id, 'gateway.json'), 'utf8'))

async function setUp(): Promise<RuntimeDriver> {
  dataDir = await mkdtemp(join(tmpdir(), 'agentbot-process-'))
  const OPENCLAW_DIR = await installStandIn(dataDir)
  return createProcesses(readEnv({ DATA_DIR: dataDir, OPENCLAW_DIR, RUNTIME_START_SECONDS: '15' }))
}

/** Ends a gateway from outside and waits until the driver has noticed. */
async function kill(driver: RuntimeDriver, agent: RuntimeAgent): Promise<void> {
  const ended = new Promise<void>((resolve) => driver.onExit?.(({ id }) => id === agent.id && resolve()))
  process.kill((await processOf(agent)).pid, 'SIGKILL')
  await ended
}

describeDriver('process', async () => {
  const driver = await setUp()
  return {
    driver,
    model: 'openai/gpt-4o-mini',
    modelKey: 'sk_a-key-of-this-agent',
    brokenImage: 'openclaw@0.0.1',
    breakStart: async (agent) => ({ agent: { ...agent, image: 'openclaw@0.0.1' }, mend: async () => undefined }),
    crash: (agent) => kill(driver, agent),
    close: async () => {
      await driver.close()
      await rm(dataDir, { recursive: true })
    },
  }
})

describe('agents as processes', () => {
  let driver: RuntimeDriver
  let agent: RuntimeAgent
  beforeAll(async () => {
    driver = await setUp()
    agent = {
      id: 'clerk-abc',
      accountId: 'usr_one',
      name: 'Clerk',
      model: 'openai/gpt-4o-mini',
      config: { instructions: 'Answer berth questions.' },
      token: 'f'.repeat(64),
      modelKey: 'sk_a-key-of-this-agent',
      credentials: {},
      image: driver.defaultImage,
      resources: { memoryGb: 2, cpus: 1 },
    }
    await driver.start(agent)
  })
  afterAll(async () => {
    await driver.close()
    await rm(dataDir, { recursive: true })
  })

  const ask = async (message: string): Promise<string> => {
    const turn = { sessionId: 'sess_1', message, generateBuiltinReply: () => never() }
    let answer = ''
    for await (const event of driver.send(agent, turn, new AbortController().signal)) if (event.type === 'finish') answer = event.text
    return answer
  }

  test('a conversation is kept by its session, and forgotten with the memory', async () => {
    expect(await ask('How often?')).toBe('1 times')
    expect(await ask('How often?')).toBe('2 times')
    await driver.stop(agent)
    await driver.start(agent)
    expect(await ask('How often?')).toBe('3 times')
    await driver.stop(agent)
    await driver.resetMemory(agent)
    await driver.start(agent)
    expect(await ask('How often?')).toBe('1 times')
  })

  test('what was handed over is in the workspace, the instructions too', async () => {
    await driver.sync(agent, {
      skills: [],
      memories: [{ key: 'tone', value: 'brief' }],
      files: [{ path: 'notes/tides.md', content: 'Noon.' }],
    })
    expect(await ask('Read notes/tides.md')).toBe('Noon.')
    expect(await ask('Read SOUL.md')).toContain('Answer berth questions.')
    await driver.sync(agent, { skills: [], memories: [], files: [] })
    expect(await ask('Read notes/tides.md')).toBe('nothing')
    await expect(driver.sync(agent, { skills: [], memories: [], files: [{ path: '../escape', content: '' }] })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
    })
  })

  test('its model cannot change what runs it', async () => {
    const { tools } = JSON.parse(await readFile(join(dataDir, 'agents', agent.id, 'home', 'openclaw.json'), 'utf8'))
    expect(tools).toMatchObject({ profile: 'minimal', deny: expect.arrayContaining(['gateway']) })
  })

  test('what its process uses is measured', async () => {
    const { cpuPercent, memoryBytes, pids } = await driver.stats(agent)
    expect(cpuPercent).toBeGreaterThanOrEqual(0)
    expect(memoryBytes).toBeGreaterThan(10_000_000)
    expect(pids).toBeGreaterThanOrEqual(1)
  })

  test('a wrong token opens nothing', async () => {
    const { port } = await processOf(agent)
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${'0'.repeat(64)}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(answer.status).toBe(401)
  })

  test('an image update that fails leaves the data as they were, and a backup', async () => {
    const before = await ask('How often?')
    await expect(driver.updateImage(agent, 'openclaw@0.0.1')).rejects.toMatchObject({ code: 'IMAGE_UPDATE_FAILED' })
    expect(await ask('How often?')).toBe(`${Number(before.split(' ')[0]) + 1} times`)
    const { backupPath } = await driver.updateImage(agent, agent.image)
    expect(existsSync(backupPath!)).toBe(true)
  })

  test('a gateway that a killed server left behind is ended before another is started', async () => {
    const { pid } = await processOf(agent)
    const next = createProcesses(readEnv({ DATA_DIR: dataDir, OPENCLAW_DIR: join(dataDir, 'openclaw') }))
    await next.start(agent)
    expect((await processOf(agent)).pid).not.toBe(pid)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect((await next.status(agent)).state).toBe('running')
    await next.close()
  })

  test('an agent that is stopped while it starts does not come up', async () => {
    const starting = driver.start(agent)
    await expect.poll(() => existsSync(join(dataDir, 'agents', agent.id, 'gateway.json'))).toBe(true)
    await driver.stop(agent)
    await expect(starting).rejects.toMatchObject({ code: 'RUNTIME_FAILED' })
    expect((await driver.status(agent)).state).toBe('stopped')
  })

  test('nothing of an agent that was removed is left on disk', async () => {
    await driver.start(agent)
    await driver.updateImage(agent, agent.image)
    await driver.remove(agent)
    expect(existsSync(join(dataDir, 'agents', agent.id))).toBe(false)
    expect(existsSync(join(dataDir, 'backups', agent.id))).toBe(false)
  })
})

test('without OpenClaw the server says how to install it', () => {
  const folder = join(tmpdir(), 'no-openclaw-here')
  expect(() => createProcesses(readEnv({ DATA_DIR: folder, OPENCLAW_DIR: folder }))).toThrow(
    /there is no OpenClaw in .*npm install --prefix \S+ openclaw@2026\.9\.6/,
  )
})

// oxlint-disable-next-line require-yield
async function* never(): AsyncGenerator<never> {
  throw new Error('an agent with a process of its own does not answer in the server')
}
