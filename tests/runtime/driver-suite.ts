import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuntimeAgent, RuntimeDriver, RuntimeEvent, Workspace, RuntimeTurn } from '../../server/agents/drivers/interface/driver.ts'

/** A driver on a place where agents can run, and what the suite has to know of it. */
export interface DriverUnderTest {
  driver: RuntimeDriver
  /** A model whose answers contain what it was asked, slowly enough to be cut off. */
  model: string
  /** Key with which agents reach that model; null for drivers whose agents need none. */
  modelKey: string | null
  /** An image that is allowed and never becomes healthy; null where there is only one image. */
  brokenImage: string | null
  /** Changes what makes the agent unable to start, until the returned function is called. */
  breakStart(agent: RuntimeAgent): Promise<{ agent: RuntimeAgent; mend(): Promise<void> }>
  /** Ends the runtime of a running agent from outside, as a crash would; null where only the server itself could. */
  crash: ((agent: RuntimeAgent) => Promise<void>) | null
  close(): Promise<void>
}

let count = 0

/** Every promise of `RuntimeDriver`, tried on a driver. `setUp` is called once. */
export function describeDriver(name: string, setUp: () => Promise<DriverUnderTest>): void {
  describe(`the driver ${name}`, () => {
    let under: DriverUnderTest
    beforeAll(async () => {
      under = await setUp()
    })
    afterAll(() => under?.close())

    const newAgent = (): RuntimeAgent => ({
      id: `clerk-${++count}-${randomBytes(4).toString('hex')}`,
      accountId: 'usr_of_the_suite',
      name: 'Clerk',
      model: under.model,
      config: { name: 'Clerk', model: under.model, instructions: 'Answer berth questions.' },
      token: randomBytes(32).toString('hex'),
      modelKey: under.modelKey,
      credentials: {},
      image: under.driver.defaultImage,
      resources: { memoryGb: 2, cpus: 1 },
    })

    /** Runs a test with an agent that runs, and removes it afterwards. */
    async function withRunning(work: (agent: RuntimeAgent) => Promise<void>): Promise<void> {
      const agent = newAgent()
      try {
        await under.driver.start(agent)
        await work(agent)
      } finally {
        await under.driver.remove(agent)
      }
    }

    test('is available and says what it is', async () => {
      expect(under.driver.name).toBe(name)
      expect(under.driver.defaultImage).not.toBe('')
      expect(await under.driver.isAvailable()).toBe(true)
    })

    test('prepares an agent as often as asked without starting it', async () => {
      const agent = newAgent()
      await under.driver.create(agent)
      await under.driver.create({ ...agent, name: 'Night Clerk' })
      if (!under.driver.inProcess) expect(await under.driver.status(agent)).toMatchObject({ state: 'stopped', startedAt: null })
      await under.driver.remove(agent)
    })

    test('runs an agent from start to stop', () =>
      withRunning(async (agent) => {
        const status = await under.driver.status(agent)
        expect(status).toMatchObject({ state: 'running', reason: null, image: under.driver.defaultImage })
        await under.driver.start(agent)
        expect((await under.driver.status(agent)).startedAt).toBe(status.startedAt)
        await under.driver.stop(agent)
        if (!under.driver.inProcess) expect(await under.driver.status(agent)).toMatchObject({ state: 'stopped', startedAt: null })
        await under.driver.stop(agent)
      }))

    test('says why an agent cannot start, and starts it once that is mended', async () => {
      const agent = newAgent()
      const { agent: broken, mend } = await under.breakStart(agent)
      await expect(under.driver.start(broken)).rejects.toMatchObject({ message: expect.stringMatching(/\S/) })
      if (!under.driver.inProcess) expect((await under.driver.status(broken)).state).toBe('stopped')
      await mend()
      await under.driver.start(agent)
      expect((await under.driver.status(agent)).state).toBe('running')
      await under.driver.remove(agent)
    })

    test('answers a message bit by bit', () =>
      withRunning(async (agent) => {
        const events = await collect(under.driver.send(agent, newTurn('Is berth 9 taken?'), never))
        const text = events.map((event) => (event.type === 'delta' ? event.text : '')).join('')
        expect(text).toContain('Is berth 9 taken?')
        expect(events.at(-1)).toMatchObject({ type: 'finish', text })
      }))

    test('stops answering when the signal aborts', () =>
      withRunning(async (agent) => {
        const controller = new AbortController()
        const reading = async () => {
          for await (const { type } of under.driver.send(agent, newTurn('Is berth 9 taken?'), controller.signal))
            if (type === 'delta') controller.abort(new Error('enough'))
        }
        await expect(reading()).rejects.toThrow('enough')
        expect((await under.driver.status(agent)).state).toBe('running')
      }))

    test('starts an agent that crashed', () =>
      withRunning(async (agent) => {
        if (!under.crash) return
        await under.crash(agent)
        expect((await under.driver.status(agent)).state).toBe('stopped')
        await expect(collect(under.driver.send(agent, newTurn('Hello?'), never))).rejects.toMatchObject({ code: 'RUNTIME_UNREACHABLE' })
        await under.driver.start(agent)
        expect((await under.driver.status(agent)).state).toBe('running')
      }))

    test('repairs an agent that runs and one that does not', () =>
      withRunning(async (agent) => {
        await under.driver.repair(agent)
        expect((await under.driver.status(agent)).state).toBe('running')
        await under.driver.stop(agent)
        await under.driver.repair(agent)
        expect((await under.driver.status(agent)).state).toBe('running')
      }))

    test('takes the image it has as an update', () =>
      withRunning(async (agent) => {
        const update = await under.driver.updateImage(agent, under.driver.defaultImage)
        expect(update).toMatchObject({ image: under.driver.defaultImage, previousImage: under.driver.defaultImage })
        expect((await under.driver.status(agent)).state).toBe('running')
      }))

    test('goes back to the old image by itself', () =>
      withRunning(async (agent) => {
        if (under.brokenImage === null) return
        await expect(under.driver.updateImage(agent, under.brokenImage)).rejects.toMatchObject({ code: 'IMAGE_UPDATE_FAILED' })
        expect(await under.driver.status(agent)).toMatchObject({ state: 'running', image: under.driver.defaultImage })
      }))

    test('confirms what it was handed', () =>
      withRunning(async (agent) => {
        expect(await under.driver.sync(agent, workspace)).toEqual({ skills: 1, memories: 2, files: 1 })
        expect(await under.driver.sync(agent, { ...workspace, skills: [], files: [] })).toEqual({ skills: 0, memories: 2, files: 0 })
      }))

    test('forgets, and runs again', () =>
      withRunning(async (agent) => {
        await under.driver.sync(agent, workspace)
        await under.driver.stop(agent)
        await under.driver.resetMemory(agent)
        await under.driver.start(agent)
        expect((await under.driver.status(agent)).state).toBe('running')
      }))

    test('says where its gateway answers, as long as it does', () =>
      withRunning(async (agent) => {
        if (!under.driver.address) return
        const address = await under.driver.address(agent)
        expect((await fetch(`${address}/readyz`)).status).toBe(200)
        await under.driver.stop(agent)
        expect(await under.driver.address(agent)).toBeNull()
      }))

    test('measures or says that it cannot', () =>
      withRunning(async (agent) => {
        const figures = Object.values(await under.driver.stats(agent))
        expect(figures).toHaveLength(6)
        for (const figure of figures) expect(figure === null || (Number.isFinite(figure) && figure >= 0)).toBe(true)
      }))

    test('shows the last lines it wrote, oldest first', () =>
      withRunning(async (agent) => {
        const lines = await under.driver.logs(agent, { limit: 50 })
        const times = lines.map(({ time }) => time)
        expect(times).toEqual([...times].sort())
        for (const { time, message } of lines) {
          expect(new Date(time).toISOString()).toBe(time)
          expect(message).not.toContain(agent.token)
        }
        expect(await under.driver.logs(agent, { limit: 50, since: new Date(Date.now() + 60_000).toISOString() })).toEqual([])
        expect((await under.driver.logs(agent, { limit: 1 })).length).toBeLessThanOrEqual(1)
      }))

    test('keeps agents apart', () =>
      withRunning((one) =>
        withRunning(async (other) => {
          await under.driver.stop(one)
          expect((await under.driver.status(other)).state).toBe('running')
        }),
      ))

    test('does not mind an agent that is not there', async () => {
      const agent = newAgent()
      await under.driver.stop(agent)
      await under.driver.remove(agent)
      await under.driver.resetMemory(agent)
      expect(await under.driver.logs(agent, { limit: 10 })).toEqual([])
      if (!under.driver.inProcess) expect(await under.driver.status(agent)).toMatchObject({ state: 'stopped', startedAt: null })
    })

    test('leaves nothing of an agent that was removed', async () => {
      const agent = newAgent()
      await under.driver.start(agent)
      await under.driver.remove(agent)
      if (!under.driver.inProcess) expect((await under.driver.status(agent)).state).toBe('stopped')
      expect(await under.driver.logs(agent, { limit: 10 })).toEqual([])
    })
  })
}

const never = new AbortController().signal

const workspace: Workspace = {
  skills: [{ id: 'venue-finder', name: 'Venue finder', description: 'Finds venues.', content: 'Ask for the town first.' }],
  memories: [
    { key: 'tone', value: 'brief' },
    { key: 'berths', value: { free: [7, 9] } },
  ],
  files: [{ path: 'notes/tides.md', content: 'Slack water at noon.' }],
}

/** A turn that says its message back word by word where the server itself answers. */
const newTurn = (message: string): RuntimeTurn => ({
  sessionId: 'sess_of_the_suite',
  message,
  async *generateBuiltinReply(signal) {
    for (const text of message.split(/(?<= )/)) {
      signal.throwIfAborted()
      yield { type: 'delta', text }
    }
    yield { type: 'finish', text: message, model: 'local/commands' }
  },
})

async function collect(events: AsyncIterable<RuntimeEvent>): Promise<RuntimeEvent[]> {
  const all: RuntimeEvent[] = []
  for await (const event of events) all.push(event)
  return all
}
