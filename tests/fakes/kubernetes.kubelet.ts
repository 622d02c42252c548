import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { KubeObject } from './kubernetes.ts'

/** What becomes of the pods of an image. `runs` is a stand-in gateway; the others are what they say, in the cluster's words. */
export type ImageBehaviour = 'runs' | 'never-ready' | 'ImagePullBackOff' | 'CrashLoopBackOff' | 'OOMKilled'

const PROBE_EVERY_MS = 20

/** The part of a cluster that runs things. */
export interface Kubelet {
  /** Says what becomes of pods of an image from now on; all others run. */
  script(image: string, behaviour: ImageBehaviour): void
  /** Where a Service leads at this moment. */
  urlOf(service: string): string
  /** What the metrics server says from now on. */
  measure(usage: { cpu: string; memory: string }): void
  notice(object: KubeObject): void
  forget(object: KubeObject): void
  logOf(pod: KubeObject, options: URLSearchParams): string
  metricsOf(pod: string): object | undefined
  close(): Promise<void>
}

interface Running {
  pod: KubeObject
  output: { time: string; line: string }[]
  child?: ChildProcess
  port?: number
}

export async function createKubelet(kept: Map<string, KubeObject>): Promise<Kubelet> {
  const disk = await mkdtemp(join(tmpdir(), 'agentbot-kubelet-'))
  const behaviours = new Map<string, ImageBehaviour>()
  const running = new Map<string, Running>()
  let usage: { cpu: string; memory: string } | undefined

  const keyOf = ({ metadata: { namespace, name } }: KubeObject) => `api/v1/pods/${namespace}/${name}`

  function makePod(owner: KubeObject, name: string, labels: Record<string, string>): Running {
    const { template } = owner.spec
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        labels: { ...template.metadata.labels, ...labels },
        name,
        namespace: owner.metadata.namespace,
        creationTimestamp: new Date().toISOString(),
      },
      spec: template.spec,
      status: { phase: 'Pending' },
    }
    const made: Running = { pod, output: [] }
    kept.set(keyOf(pod), pod)
    running.set(name, made)
    return made
  }

  function setState({ pod }: Running, state: object, isReady: boolean, lastState: object = {}): void {
    const [{ name, image }] = pod.spec.containers
    pod.status = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [{ name, image, imageID: image, ready: isReady, restartCount: 0, state, lastState }],
    }
  }

  async function startGateway(made: Running): Promise<void> {
    const [container] = made.pod.spec.containers
    const behaviour = behaviours.get(container.image) ?? 'runs'
    if (behaviour === 'ImagePullBackOff' || behaviour === 'CrashLoopBackOff') {
      const message =
        behaviour === 'ImagePullBackOff' ? `Back-off pulling image "${container.image}"` : 'back-off 5m0s restarting failed container'
      return setState(made, { waiting: { reason: behaviour, message } }, false, { terminated: { exitCode: 3, reason: 'Error' } })
    }
    if (behaviour === 'OOMKilled') {
      const now = new Date().toISOString()
      return setState(made, { running: { startedAt: now } }, false, { terminated: { exitCode: 137, reason: 'OOMKilled' } })
    }
    made.port = await freePort()
    const args = [...(container.args as string[]).slice(0, -1), String(made.port)].map((argument) => argument.replace(/^lan$/, 'loopback'))
    const script = behaviour === 'runs' ? args.with(0, 'tests/fakes/openclaw-gateway.ts') : ['-e', 'setInterval(()=>0,1000)']
    await run(made, [process.execPath, ...script], Object.fromEntries(container.env.map(readVariable(made.pod))))
    const startedAt = new Date().toISOString()
    setState(made, { running: { startedAt } }, false)
    if (behaviour !== 'runs') return
    await new Promise<void>((listening) => made.child!.stdout!.on('data', (data) => String(data).includes('listening') && listening()))
    if (await passesReadinessProbe(made)) setState(made, { running: { startedAt } }, true)
  }

  /** Asks as the real one does, until the container says that it is ready, or has ended. */
  async function passesReadinessProbe({ port, child }: Running): Promise<boolean> {
    while (child!.exitCode === null && child!.signalCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
      if (answer?.ok) return true
      await pause(PROBE_EVERY_MS)
    }
    return false
  }

  const readVariable =
    ({ metadata: { namespace } }: KubeObject) =>
    // oxlint-disable-next-line typescript/no-explicit-any
    ({ name, value, valueFrom }: any): [string, string] => {
      if (value !== undefined) return [name, value]
      const secret = kept.get(`api/v1/secrets/${namespace}/${valueFrom.secretKeyRef.name}`)
      return [name, Buffer.from(secret!.data![valueFrom.secretKeyRef.key]!, 'base64').toString('utf8')]
    }

  /** Runs a command with the pod's volumes where they are on this machine. */
  async function run(made: Running, command: string[], env: Record<string, string>): Promise<void> {
    const mounts = await mountVolumes(made.pod)
    const local = (text: string) => mounts.reduce((path, [inside, outside]) => path.replace(new RegExp(`^${inside}(?=/|$)`), outside), text)
    const localEnv = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, local(value)]))
    const child = spawn(command[0]!, command.slice(1).map(local), { env: { ...process.env, ...localEnv } })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        for (const line of String(data).split('\n').filter(Boolean)) made.output.push({ time: new Date().toISOString(), line })
      })
    made.child = child
  }

  async function mountVolumes(pod: KubeObject): Promise<[inside: string, outside: string][]> {
    const mounts: [string, string][] = []
    for (const { name, mountPath } of pod.spec.containers[0].volumeMounts) {
      const volume = pod.spec.volumes.find((candidate: { name: string }) => candidate.name === name)
      const claim = volume.persistentVolumeClaim?.claimName
      const folder = join(disk, claim ? `claim-${claim}` : `${pod.metadata.name}-${name}`)
      await mkdir(folder, { recursive: true })
      const secret = volume.secret && kept.get(`api/v1/secrets/${pod.metadata.namespace}/${volume.secret.secretName}`)
      const data: [string, string][] = Object.entries(secret?.data ?? {})
      for (const [file, content] of data) await writeFile(join(folder, file), Buffer.from(content, 'base64'))
      if (mountPath !== '/tmp') mounts.push([mountPath, folder])
    }
    if (mounts.some(([inside]) => inside === '/config')) await atHome(mounts)
    return mounts
  }

  /** The stand-in gateway takes its workspace from its configuration, which names the path inside of a container. */
  async function atHome(mounts: [string, string][]): Promise<void> {
    const file = join(mounts.find(([inside]) => inside === '/config')![1], 'openclaw.json')
    const root = mounts.find(([inside]) => inside === '/agent')![1]
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"/agent/', `"${root}/`))
  }

  async function runJob(job: KubeObject): Promise<void> {
    const name = `${job.metadata.name}-pod`
    const made = makePod(job, name, { 'job-name': job.metadata.name })
    await run(made, made.pod.spec.containers[0].command, {})
    const [code] = (await once(made.child!, 'close')) as [number]
    job.status =
      code === 0 ? { succeeded: 1 } : { failed: 1, conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] }
  }

  function endPod(name: string): void {
    const made = running.get(name)
    if (!made) return
    const gone = () => {
      running.delete(name)
      kept.delete(keyOf(made.pod))
    }
    made.pod.metadata.deletionTimestamp = new Date().toISOString()
    if (!made.child || made.child.exitCode !== null || made.child.signalCode !== null) return gone()
    made.child.once('close', gone)
    made.child.kill('SIGTERM')
  }

  return {
    script: (image, behaviour) => void behaviours.set(image, behaviour),
    urlOf: (service) => `http://127.0.0.1:${running.get(`${service}-0`)?.port ?? 1}`,
    measure: (values) => {
      usage = values
    },
    notice(object) {
      if (object.kind === 'Job') void runJob(object)
      if (object.kind !== 'StatefulSet') return
      const name = `${object.metadata.name}-0`
      if (object.spec.replicas === 0) endPod(name)
      else if (!running.has(name)) void startGateway(makePod(object, name, {}))
    },
    forget(object) {
      if (object.kind === 'StatefulSet') endPod(`${object.metadata.name}-0`)
      if (object.kind === 'Job') endPod(`${object.metadata.name}-pod`)
    },
    logOf(pod, options) {
      const lines = running.get(pod.metadata.name)?.output ?? []
      const since = options.has('sinceSeconds') ? new Date(Date.now() - Number(options.get('sinceSeconds')) * 1000).toISOString() : ''
      const shown = lines.filter(({ time }) => time >= since).slice(-Number(options.get('tailLines') ?? lines.length))
      return shown.map(({ time, line }) => (options.get('timestamps') === 'true' ? `${time} ${line}\n` : `${line}\n`)).join('')
    },
    metricsOf: (name) =>
      usage && running.has(name) ? { kind: 'PodMetrics', metadata: { name }, containers: [{ name: 'gateway', usage }] } : undefined,
    async close() {
      for (const { child } of running.values()) child?.kill('SIGKILL')
      await rm(disk, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
