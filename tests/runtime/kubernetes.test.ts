import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentTakenOver } from '../../server/agents/definitions/agents.errors.ts'
import type { RuntimeAgent, RuntimeDriver } from '../../server/agents/drivers/interface/driver.ts'
import { startFakeKubernetes, type FakeKubernetes } from '../fakes/kubernetes.ts'
import { describeDriver } from './driver-suite.ts'
import { connectFake, IMAGE } from './kubernetes-driver.ts'

describeDriver('kubernetes', async () => {
  const fake = await startFakeKubernetes()
  fake.kubelet.script('registry.example/broken:1', 'CrashLoopBackOff')
  fake.kubelet.script('registry.example/missing:1', 'ImagePullBackOff')
  return {
    driver: connectFake(fake),
    model: 'local/commands',
    modelKey: 'sk_of_the_suite',
    brokenImage: 'registry.example/broken:1',
    breakStart: async (agent) => ({ agent: { ...agent, image: 'registry.example/missing:1' }, mend: async () => undefined }),
    // The cluster itself starts a gateway again that crashed.
    crash: null,
    close: () => fake.close(),
  }
})

describe('agents in pods', () => {
  let fake: FakeKubernetes
  let driver: RuntimeDriver
  beforeAll(async () => {
    fake = await startFakeKubernetes()
    driver = connectFake(fake)
  })
  afterAll(() => fake.close())
  let count = 0

  async function withAgent(work: (agent: RuntimeAgent) => Promise<void>, changes: Partial<RuntimeAgent> = {}): Promise<void> {
    const agent: RuntimeAgent = {
      id: `agent_01k${++count}porter`,
      accountId: 'usr_porter',
      name: 'Porter',
      model: 'local/commands',
      config: { instructions: 'Carry things.' },
      token: 'ab'.repeat(32),
      modelKey: 'sk_porter',
      credentials: {},
      image: IMAGE,
      resources: { memoryGb: 2, cpus: 1 },
      ...changes,
    }
    try {
      await driver.start(agent)
      await work(agent)
    } finally {
      await driver.remove(agent)
    }
  }

  async function say(agent: RuntimeAgent, message: string): Promise<string> {
    const turn = { sessionId: 'sess_1', message, generateBuiltinReply: () => expect.fail('a pod answers by itself') }
    for await (const event of driver.send(agent, turn, new AbortController().signal)) if (event.type === 'finish') return event.text
    return ''
  }

  const objectsOf = ({ id }: RuntimeAgent) =>
    ['statefulsets', 'services', 'secrets', 'persistentvolumeclaims', 'networkpolicies', 'jobs', 'pods'].flatMap((plural) =>
      fake.list(plural).filter(({ metadata }) => metadata.labels?.['agentbot.io/agent'] === id),
    )

  test('are confined, and let in only this server', () =>
    withAgent(async (agent) => {
      const objects = objectsOf(agent)
      const pod = objects.find(({ kind }) => kind === 'StatefulSet')!.spec.template.spec
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(pod.containers[0]).toMatchObject({
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        resources: { limits: { memory: '2048Mi', cpu: '1' }, requests: { memory: '2048Mi' } },
        readinessProbe: { httpGet: { path: '/readyz' } },
        livenessProbe: { httpGet: { path: '/healthz' } },
      })
      // Neither the token nor the model key stands where who may read pods may read them.
      expect(JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'))).not.toContain(agent.token)
      expect(JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'))).not.toContain('sk_porter')
      expect(objects.find(({ kind }) => kind === 'NetworkPolicy')!.spec.ingress).toEqual([
        { from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'agentbot' } } }], ports: [{ protocol: 'TCP', port: 18789 }] },
      ])
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
      await driver.sync(agent, { skills: [], memories: [], files: [] })
      expect(await say(agent, 'Read notes/tides.md')).toBe('nothing')
      expect(objectsOf(agent).filter(({ kind }) => kind === 'Job')).toEqual([])
    }))

  test('run on when a repair or a start of them fails at a server that does not have them any more', () =>
    withAgent(async (agent) => {
      const overtaken = () => Promise.reject(new AgentTakenOver(agent.id))
      await expect(driver.repair(agent, overtaken)).rejects.toMatchObject({ code: 'AGENT_TAKEN_OVER' })
      expect(await driver.status(agent)).toMatchObject({ state: 'running' })
      fake.kubelet.script('registry.example/stuck:1', 'CrashLoopBackOff')
      await driver.stop(agent)
      await expect(driver.start({ ...agent, image: 'registry.example/stuck:1' }, overtaken)).rejects.toMatchObject({
        code: 'AGENT_TAKEN_OVER',
      })
      expect(objectsOf(agent).find(({ kind }) => kind === 'StatefulSet')!.spec.replicas).toBe(1)
    }))

  test('move to another image with their data, which are saved first', () =>
    withAgent(async (agent) => {
      await say(agent, 'How often?')
      const update = await driver.updateImage(agent, 'registry.example/openclaw:2')
      expect(update).toMatchObject({ image: 'registry.example/openclaw:2', previousImage: IMAGE })
      expect(update.backupPath).toMatch(/^agentbot\/agentbot-agent-.+:backups\/.+\.tar\.gz$/)
      expect(await driver.status(agent)).toMatchObject({ state: 'running', image: 'registry.example/openclaw:2' })
      expect(await say(agent, 'How often?')).toBe('2 times')
    }))

  test('go back with their data when the new image does not become ready in time', async () => {
    fake.kubelet.script('registry.example/slow:1', 'never-ready')
    const hasty = connectFake(fake, '2')
    await withAgent(async (agent) => {
      await say(agent, 'How often?')
      await expect(hasty.updateImage(agent, 'registry.example/slow:1')).rejects.toMatchObject({ code: 'IMAGE_UPDATE_FAILED' })
      expect(await driver.status(agent)).toMatchObject({ state: 'running', image: IMAGE })
      expect(await say(agent, 'How often?')).toBe('2 times')
    })
  })

  test('are not moved when their data cannot be saved', () =>
    withAgent(async (agent) => {
      const careful = connectFake(fake)
      const elsewhere = await startFakeKubernetes()
      elsewhere.forbid('POST', 'jobs')
      const strict = connectFake(elsewhere)
      await strict.start(agent)
      await expect(strict.updateImage(agent, 'registry.example/openclaw:2')).rejects.toThrow('jobs is forbidden')
      expect(await strict.status(agent)).toMatchObject({ state: 'running', image: IMAGE })
      await elsewhere.close()
      expect((await careful.status(agent)).state).toBe('running')
    }))

  test('say that they ran out of memory', async () => {
    fake.kubelet.script('registry.example/greedy:1', 'OOMKilled')
    const hasty = connectFake(fake, '1')
    await withAgent(async (agent) => {
      const greedy = { ...agent, image: 'registry.example/greedy:1' }
      await driver.stop(agent)
      const starting = hasty.start(greedy).catch((error: Error) => error.message)
      await expect.poll(() => driver.status(greedy)).toMatchObject({ state: 'degraded', reason: 'It used more memory than it may have.' })
      expect(await starting).toContain('not ready within 1 seconds')
    })
  })

  test('say what the cluster says when their image cannot be pulled', async () => {
    fake.kubelet.script('registry.example/missing:1', 'ImagePullBackOff')
    await withAgent(async (agent) => {
      await driver.stop(agent)
      const missing = driver.start({ ...agent, image: 'registry.example/missing:1' })
      await expect(missing).rejects.toThrow('ImagePullBackOff: Back-off pulling image "registry.example/missing:1"')
    })
  })

  test('are measured where there is a metrics server', () =>
    withAgent(async (agent) => {
      const limit = { memoryLimitBytes: 2 * 1024 ** 3 }
      expect(await driver.stats(agent)).toMatchObject({ cpuPercent: null, memoryBytes: null, ...limit })
      fake.kubelet.measure({ cpu: '250m', memory: '600Mi' })
      expect(await driver.stats(agent)).toMatchObject({ cpuPercent: 25, memoryBytes: 600 * 1024 ** 2, ...limit })
    }))

  test('cannot be reached while the API server is away, and are found again', () =>
    withAgent(async (agent) => {
      fake.setBroken(true)
      const unreachable = { code: 'RUNTIME_UNREACHABLE' }
      expect(await driver.isAvailable()).toBe(false)
      await expect(driver.status(agent)).rejects.toMatchObject(unreachable)
      await expect(driver.start(agent)).rejects.toMatchObject(unreachable)
      await expect(say(agent, 'Hello')).rejects.toMatchObject(unreachable)
      fake.setBroken(false)
      expect((await connectFake(fake).status(agent)).state).toBe('running')
    }))

  test('leave nothing in the cluster when they are removed', () =>
    withAgent(async (agent) => {
      expect(objectsOf(agent)).not.toEqual([])
      await driver.remove(agent)
      expect(objectsOf(agent)).toEqual([])
    }))
})
