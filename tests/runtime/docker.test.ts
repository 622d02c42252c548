import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentTakenOver } from '../../server/agents/definitions/agents.errors.ts'
import { EventQueue } from '../../server/platform/flow/event-queue.ts'
import { readEnv } from '../../server/platform/core/env.ts'
import { connectEngine } from '../../server/agents/drivers/docker/engine.ts'
import { createDocker } from '../../server/agents/drivers/docker/docker.ts'
import type { RuntimeAgent, RuntimeDriver } from '../../server/agents/drivers/interface/driver.ts'
import { images, makeImages } from './docker-images.ts'
import { describeDriver } from './driver-suite.ts'
import { startModelServer } from './model-server.ts'

const DOCKER_HOST = readEnv({ DOCKER_HOST: process.env.DOCKER_HOST }).DOCKER_HOST
const engine = connectEngine(DOCKER_HOST)
const hasEngine = await engine.ping().then(
  () => true,
  () => false,
)

const sayUntested = () =>
  test(`the docker driver is NOT TESTED: no Docker engine answers at ${DOCKER_HOST}`, () => expect(hasEngine).toBe(false))

const suite = hasEngine ? describeDocker : sayUntested
suite()

function describeDocker(): void {
  let dataDir: string
  const makeDriver = (more: Record<string, string> = {}): RuntimeDriver =>
    createDocker(
      readEnv({
        RUNTIME: 'docker',
        DOCKER_HOST,
        HOST: '0.0.0.0',
        DATA_DIR: dataDir,
        RUNTIME_IMAGE: images.gateway,
        RUNTIME_START_SECONDS: '20',
        ...more,
      }),
    )

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'agentbot-docker-'))
    await makeImages(engine)
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const killGateway = ({ id }: RuntimeAgent) => engine.getContainer(`agentbot-${id}`).kill()

  describeDriver('docker', async () => ({
    driver: makeDriver(),
    model: 'local/commands',
    modelKey: 'sk_of_the_suite',
    brokenImage: images.broken,
    breakStart: async (agent) => ({ agent: { ...agent, image: 'agentbot-test/missing:1' }, mend: async () => undefined }),
    crash: killGateway,
    close: async () => undefined,
  }))

  describe('agents in containers', () => {
    let driver: RuntimeDriver
    beforeAll(() => {
      driver = makeDriver()
    })
    let count = 0

    async function withAgent(work: (agent: RuntimeAgent) => Promise<void>, changes: Partial<RuntimeAgent> = {}): Promise<void> {
      const agent: RuntimeAgent = {
        id: `porter-${process.pid}-${++count}`,
        accountId: 'usr_porter',
        name: 'Porter',
        model: 'local/commands',
        config: { instructions: 'Carry things.' },
        token: 'ab'.repeat(32),
        modelKey: 'sk_porter',
        credentials: {},
        image: images.gateway,
        resources: { memoryGb: 1, cpus: 1 },
        ...changes,
      }
      try {
        await driver.start(agent)
        await work(agent)
      } finally {
        await driver.remove(agent)
      }
    }

    async function say(agent: RuntimeAgent, message: string, through = driver): Promise<string> {
      const turn = { sessionId: 'sess_1', message, generateBuiltinReply: () => expect.fail('a container answers by itself') }
      for await (const event of through.send(agent, turn, new AbortController().signal)) if (event.type === 'finish') return event.text
      return ''
    }

    test('are confined', () =>
      withAgent(async ({ id }) => {
        const { Config, HostConfig, Mounts, NetworkSettings } = await engine.getContainer(`agentbot-${id}`).inspect()
        expect(HostConfig).toMatchObject({
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges:true'],
          ReadonlyRootfs: true,
          Privileged: false,
          Init: true,
          PidsLimit: 512,
          Memory: 1024 ** 3,
          MemorySwap: 1024 ** 3,
          CpuQuota: 100_000,
        })
        expect(Config.User).toBe('1000:1000')
        expect(Mounts.map(({ Type, Name, Destination }) => ({ Type, Name, Destination }))).toEqual([
          { Type: 'volume', Name: `agentbot-${id}`, Destination: '/agent' },
        ])
        expect(Object.keys(NetworkSettings.Networks)).toEqual([`agentbot-${id}`])
        expect(NetworkSettings.Ports['18789/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: expect.stringMatching(/^\d+$/) }])
      }))

    test('remember across a restart and forget when told to', () =>
      withAgent(async (agent) => {
        expect(await say(agent, 'How often?')).toBe('1 times')
        await driver.stop(agent)
        await driver.start(agent)
        expect(await say(agent, 'How often?')).toBe('2 times')
        await driver.stop(agent)
        await driver.resetMemory(agent)
        await driver.start(agent)
        expect(await say(agent, 'How often?')).toBe('1 times')
      }))

    test('have what they were handed in their workspace, and no more once it is gone', () =>
      withAgent(async (agent) => {
        const files = [{ path: 'notes/tides.md', content: 'Slack water at noon.' }]
        await driver.sync(agent, { skills: [], memories: [{ key: 'tone', value: 'brief' }], files })
        expect(await say(agent, 'Read notes/tides.md')).toBe('Slack water at noon.')
        expect(await say(agent, 'Read AGENTS.md')).toContain('- tone: brief')
        expect(await say(agent, 'Read SOUL.md')).toContain('Carry things.')
        await driver.sync(agent, { skills: [], memories: [], files: [] })
        expect(await say(agent, 'Read notes/tides.md')).toBe('nothing')
        const outside = [{ path: '../home/openclaw.json', content: '{}' }]
        await expect(driver.sync(agent, { skills: [], memories: [], files: outside })).rejects.toMatchObject({ code: 'RUNTIME_FAILED' })
      }))

    test('move to another image with their data, which are saved first', () =>
      withAgent(async (agent) => {
        await say(agent, 'How often?')
        const update = await driver.updateImage(agent, images.newer)
        expect(update).toMatchObject({ image: images.newer, previousImage: images.gateway })
        expect(update.backupPath).toContain(join(dataDir, 'backups', agent.id))
        expect(await driver.status(agent)).toMatchObject({ state: 'running', image: images.newer })
        expect(await say(agent, 'How often?')).toBe('2 times')
        await driver.remove(agent)
        expect(await readdir(join(dataDir, 'backups'))).not.toContain(agent.id)
      }))

    test('have their data as they were when the new image spoiled them', async () => {
      const hasty = makeDriver({ RUNTIME_START_SECONDS: '3' })
      await withAgent(async (agent) => {
        await say(agent, 'How often?')
        await expect(hasty.updateImage(agent, images.spoiling)).rejects.toMatchObject({ code: 'IMAGE_UPDATE_FAILED' })
        expect(await driver.status(agent)).toMatchObject({ state: 'running', image: images.gateway })
        expect(await say(agent, 'How often?')).toBe('2 times')
      })
    })

    test('stay on their image when the new one cannot be had', () =>
      withAgent(async (agent) => {
        await expect(driver.updateImage(agent, 'agentbot-test/missing:1')).rejects.toMatchObject({ code: 'IMAGE_UPDATE_FAILED' })
        expect(await driver.status(agent)).toMatchObject({ state: 'running', image: images.gateway })
      }))

    test('are brought back in the container they have, under the name it has, killed or out of memory', () =>
      withAgent(
        async (agent) => {
          const containerOf = () => engine.getContainer(`agentbot-${agent.id}`).inspect()
          const before = await containerOf()
          expect(before.Config.Hostname).toBe(`agentbot-${agent.id}`)
          await killGateway(agent)
          await driver.repair(agent)
          expect(await say(agent, 'How often?')).toBe('1 times')
          await expect(say(agent, 'Eat memory.')).rejects.toMatchObject({ code: 'RUNTIME_UNREACHABLE' })
          await engine.getContainer(before.Id).wait()
          await driver.repair(agent)
          expect(await say(agent, 'How often?')).toBe('3 times')
          expect((await containerOf()).Id).toBe(before.Id)
        },
        { resources: { memoryGb: 0.25, cpus: 1 } },
      ))

    test('run on when a start of them fails at a server that does not have them any more', () =>
      withAgent(async (agent) => {
        await driver.stop(agent)
        const impatient = makeDriver({ RUNTIME_START_SECONDS: '1' })
        const starting = impatient.start({ ...agent, image: images.spoiling }, () => Promise.reject(new AgentTakenOver(agent.id)))
        await expect(starting).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER' })
        expect((await engine.getContainer(`agentbot-${agent.id}`).inspect()).State.Running).toBe(true)
      }))

    test('are brought back in a new container of the same name when theirs does not start any more', () =>
      withAgent(async (agent) => {
        const before = await engine.getContainer(`agentbot-${agent.id}`).inspect()
        await driver.stop(agent)
        await engine.getNetwork(`agentbot-${agent.id}`).remove()
        await driver.repair(agent)
        const after = await engine.getContainer(`agentbot-${agent.id}`).inspect()
        expect(after.Id).not.toBe(before.Id)
        expect(after.Config.Hostname).toBe(before.Config.Hostname)
        expect(await say(agent, 'Hello')).toBe('You said: Hello')
      }))

    test('that end are heard of at once, also those that ended while the engine was out of reach', async () => {
      const line = await openLine()
      const listening = makeDriver({ DOCKER_HOST: line.dockerHost })
      const heard = new EventQueue<string>()
      await withAgent(async (agent) => {
        const notices = heard[Symbol.asyncIterator]()
        listening.onExit?.(({ id, accountId }, reason) => id === agent.id && heard.push(`${accountId}: ${reason}`))
        await line.connected()
        await killGateway(agent)
        expect((await notices.next()).value).toBe('usr_porter: It was killed (exit code 137).')
        await driver.start(agent)
        await line.cut()
        await killGateway(agent)
        await line.mend()
        expect((await notices.next()).value).toBe('usr_porter: It was killed (exit code 137).')
      })
      await listening.close()
      await line.cut()
    })

    test('say that they were killed', () =>
      withAgent(async (agent) => {
        await killGateway(agent)
        expect(await driver.status(agent)).toMatchObject({ state: 'stopped', reason: 'It was killed (exit code 137).' })
      }))

    test('say that they ran out of memory', () =>
      withAgent(
        async (agent) => {
          await expect(say(agent, 'Eat memory.')).rejects.toMatchObject({ code: 'RUNTIME_UNREACHABLE' })
          await engine.getContainer(`agentbot-${agent.id}`).wait()
          expect((await driver.status(agent)).reason).toBe('It used more than the 256 MiB of memory it may have.')
        },
        { resources: { memoryGb: 0.25, cpus: 1 } },
      ))

    test('reach the models of this server with their own key', async () => {
      const server = await startModelServer()
      driver = makeDriver({ PORT: String(server.port) })
      await withAgent(async (agent) => {
        expect(await say(agent, 'Ask the model.')).toBe('Hello from local/commands')
        expect(server.keys).toEqual(['Bearer sk_porter'])
      })
      await server.close()
    })

    test('show what they wrote, with levels and without secrets', () =>
      withAgent(async (agent) => {
        const lines = await driver.logs(agent, { limit: 10 })
        expect(lines.map(({ level, message }) => ({ level, message }))).toEqual(
          expect.arrayContaining([
            { level: 'info', message: '[gateway] listening on 18789 for token [removed]' },
            { level: 'warn', message: '(node:1) Warning: this gateway is a stand-in' },
          ]),
        )
        expect(await driver.logs(agent, { limit: 10, since: lines.at(-1)!.time })).toEqual([])
      }))

    test('are measured', () =>
      withAgent(async (agent) => {
        const { memoryBytes, memoryLimitBytes, pids } = await driver.stats(agent)
        expect(memoryBytes).toBeGreaterThan(10 * 1024 ** 2)
        expect(memoryLimitBytes).toBe(1024 ** 3)
        expect(pids).toBeGreaterThan(1)
      }))

    test('are made anew with a new token once they do not run', () =>
      withAgent(async (agent) => {
        const changed = { ...agent, token: 'cd'.repeat(32), resources: { memoryGb: 2, cpus: 2 } }
        await driver.stop(agent)
        await driver.start(changed)
        expect(await say(changed, 'Hello')).toBe('You said: Hello')
        await expect(say(agent, 'Hello')).rejects.toMatchObject({ code: 'RUNTIME_UNREACHABLE' })
        expect((await driver.stats(changed)).memoryLimitBytes).toBe(2 * 1024 ** 3)
      }))

    test('go on while the engine is out of reach, and are found again', async () => {
      const line = await openLine()
      const reaching = makeDriver({ DOCKER_HOST: line.dockerHost })
      await withAgent(async (agent) => {
        expect((await reaching.status(agent)).state).toBe('running')
        await line.cut()
        const unreachable = { code: 'RUNTIME_UNREACHABLE' }
        expect(await reaching.isAvailable()).toBe(false)
        await expect(reaching.status(agent)).rejects.toMatchObject(unreachable)
        await expect(reaching.stats(agent)).rejects.toMatchObject(unreachable)
        await expect(reaching.logs(agent, { limit: 1 })).rejects.toMatchObject(unreachable)
        await expect(reaching.start(agent)).rejects.toMatchObject(unreachable)
        await expect(say(agent, 'Hello', reaching)).rejects.toMatchObject(unreachable)
        await line.mend()
        expect((await reaching.status(agent)).state).toBe('running')
        expect(await say(agent, 'Hello', reaching)).toBe('You said: Hello')
        await line.cut()
      })
    })

    test('leave nothing on the engine when they are removed', () =>
      withAgent(async (agent) => {
        await driver.remove(agent)
        const filters = { label: [`agentbot.agent=${agent.id}`] }
        expect(await engine.listContainers({ all: true, filters })).toEqual([])
        expect(await engine.listNetworks({ filters })).toEqual([])
        expect((await engine.listVolumes({ filters })).Volumes ?? []).toEqual([])
      }))
  })
}

/** A way to the engine that can be cut and mended. */
async function openLine() {
  const path = join(await mkdtemp(join(tmpdir(), 'agentbot-line-')), 'docker.sock')
  const { protocol, pathname, hostname, port } = new URL(DOCKER_HOST)
  const sockets = new Set<Socket>()
  const makeServer = () =>
    createServer((near) => {
      const far = protocol === 'unix:' ? connect(pathname) : connect(Number(port), hostname)
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
      }
      near.pipe(far).pipe(near)
      far.once('data', () => noteConnected())
    })
  const { promise: isConnected, resolve: noteConnected } = Promise.withResolvers<void>()
  let server = makeServer()
  const listen = () => new Promise<void>((done) => server.listen(path, done))
  await listen()
  return {
    dockerHost: `unix://${path}`,
    /** Resolves with the first answer of the engine. */
    connected: () => isConnected,
    cut: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
    mend: () => {
      server = makeServer()
      return listen()
    },
  }
}
