import { afterAll, beforeAll, expect, test } from 'vitest'
import { plans } from '../../server/money/billing/plans.ts'
import { createGate, startFakeOpenAi, type FakeOpenAi } from '../fakes/openai.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

let model: FakeOpenAi
let server: AttackedServer
const gate = createGate()

beforeAll(async () => {
  model = await startFakeOpenAi()
  server = await startAttackedServer({
    OPENAI_COMPATIBLE_BASE_URL: model.url,
    DEFAULT_MODEL: 'local/commands',
    // Forty schedules are made within a minute here.
    RATE_LIMIT_SCALE: '100',
  })
})

afterAll(async () => {
  gate.open()
  await server.close()
  await model.close()
})

const EVERY = `*/${plans.network.minScheduleSeconds} * * * * *`

test('forty schedules of one agent whose model hangs keep no other workspace waiting, and the server stops when it is told', async () => {
  const [attacker, neighbour] = [await server.createAccount(), await server.createAccount()]
  const agentOf = async (key: string, config: Record<string, unknown>) => {
    const { body } = await server.call('POST', '/api/agents', { key, body: { name: 'Clerk', config } })
    const { id } = body as { id: string }
    expect((await server.call('POST', `/api/agents/${id}/start`, { key })).status).toBe(200)
    return id
  }
  const schedule = async (key: string, agentId: string): Promise<string> => {
    const body = { name: 'Often', cronSchedule: EVERY, prompt: 'calculate 2 + 2', agentId }
    const created = await server.call('POST', '/api/scheduled-tasks', { key, body })
    expect(created.status).toBe(201)
    return (created.body as { id: string }).id
  }
  const answeredRuns = async (taskId: string): Promise<number> => {
    const input = encodeURIComponent(JSON.stringify({ scheduleId: taskId }))
    const { body } = await server.call('GET', `/trpc/schedules.runs?input=${input}`, { key: neighbour.key })
    const { data } = (body as { result: { data: { outcome: string }[] } }).result
    return data.filter(({ outcome }) => outcome === 'answered').length
  }

  /** The list of models is asked for as well, to know how the agent is. */
  const answersAsked = () => model.requests.filter(({ method }) => method === 'POST').length

  model.script({ kind: 'hang', gate })
  const hangingAgent = await agentOf(attacker.key, { model: 'compatible/fake-model' })
  const agent = await agentOf(neighbour.key, {})
  await server.underWatch({ maxGrowthMb: 150 }, async () => {
    for (let count = 0; count < 40; count++) await schedule(attacker.key, hangingAgent)
    const taskId = await schedule(neighbour.key, agent)
    await expect.poll(answersAsked, { timeout: 20_000 }).toBe(1)
    await expect.poll(() => answeredRuns(taskId), { interval: 500, timeout: 40_000 }).toBeGreaterThanOrEqual(2)
    // The attacker's agent works on one run; the others wait without asking for their turn.
    expect(answersAsked()).toBe(1)
  })
  expect(await server.stop('SIGTERM')).toBe(0)
})
