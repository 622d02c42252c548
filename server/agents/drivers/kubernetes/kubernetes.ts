import { type Env, toAppError } from '#server/platform/core/index.ts'
import {
  ALWAYS_HELD,
  ImageUpdateFailed,
  RuntimeFailed,
  RuntimeUnreachable,
  type ImageUpdate,
  type RuntimeAgent,
  type RuntimeDriver,
  type RuntimeRef,
} from '../interface/index.ts'
import {
  forgetScript,
  packScript,
  syncScript,
  unpackScript,
  containerFacts,
  askGateway,
  lastLines,
  MAX_LOG_BYTES,
  toLogLine,
  countConfirmed,
  workspaceFiles,
} from '../openclaw/index.ts'
import { ask, askUnless, connectCluster, type Cluster } from './cluster.ts'
import { runScript } from './jobs.ts'
import { INCOMING_FILE } from './job-manifest.ts'
import { GATEWAY, nameOf, type AgentSettings } from './manifests.ts'
import { toStats, type PodMetrics } from './measure.ts'
import { findStatefulSet, prepare, removeEverything, startPod, stopPod } from './objects.ts'
import { findPod, isPodReady, sayHopeless, sayLastEnd, sayWaiting, startOf } from './pods.ts'

type Settings = AgentSettings & Pick<Env, 'RUNTIME_IMAGE' | 'KUBECONFIG' | 'KUBERNETES_NAMESPACE'>

/**
 * Agents as pods of a Kubernetes cluster, beside this server: an OpenClaw gateway each, confined, with a
 * volume of its own. Work on the volume is done by jobs, so that this server needs no right to run
 * commands in pods.
 */
export function createKubernetes(env: Settings, cluster: Cluster = connectCluster(env)): RuntimeDriver {
  const { namespace, core, custom } = cluster

  async function start(agent: RuntimeAgent, checkHeld = ALWAYS_HELD): Promise<void> {
    await prepare(cluster, agent, env)
    await startPod(cluster, agent, env, checkHeld)
  }

  async function rebuild(agent: RuntimeAgent, checkHeld = ALWAYS_HELD): Promise<void> {
    await checkHeld()
    await stopPod(cluster, agent)
    await askUnless([404], cluster.apps.deleteNamespacedStatefulSet({ namespace, name: nameOf(agent) }))
    await start(agent, checkHeld)
  }

  async function imageOf(ref: RuntimeRef): Promise<string | undefined> {
    return (await findStatefulSet(cluster, ref))?.spec?.template.spec?.containers[0]?.image
  }

  async function updateImage(agent: RuntimeAgent, image: string, checkHeld = ALWAYS_HELD): Promise<ImageUpdate> {
    const previous = { ...agent, image: (await imageOf(agent)) ?? agent.image }
    const archive = `backups/${new Date().toISOString().replaceAll(':', '-')}.tar.gz`
    const putBack = async (error: unknown, hasChanged: boolean): Promise<ImageUpdateFailed> => {
      await checkHeld()
      await stopPod(cluster, agent)
      if (hasChanged) await runScript(cluster, agent, previous.image, { script: unpackScript, args: [archive] })
      await start(previous, checkHeld)
      return new ImageUpdateFailed(image, previous.image, toAppError(error).message, { cause: error })
    }
    await stopPod(cluster, agent)
    await prepare(cluster, previous, env)
    try {
      await runScript(cluster, agent, previous.image, { script: packScript, args: [archive] })
    } catch (error) {
      throw await putBack(error, false)
    }
    try {
      await start({ ...agent, image }, checkHeld)
    } catch (error) {
      throw await putBack(error, true)
    }
    return { image, previousImage: previous.image, backupPath: `${namespace}/${nameOf(agent)}:${archive}` }
  }

  return {
    ...containerFacts('kubernetes', env),
    create: (agent) => prepare(cluster, agent, env),
    start,
    stop: (agent) => stopPod(cluster, agent),
    updateImage,
    repair: rebuild,

    async resetMemory(agent) {
      const image = await imageOf(agent)
      if (image) await runScript(cluster, agent, image, { script: forgetScript })
    },

    remove: (agent) => removeEverything(cluster, agent),

    async status(agent) {
      const set = await findStatefulSet(cluster, agent)
      const image = set?.spec?.template.spec?.containers[0]?.image ?? null
      const stopped = { state: 'stopped', reason: null, startedAt: null, image, version: null } as const
      if (!set?.spec?.replicas) return stopped
      const pod = await findPod(cluster, agent)
      if (!pod) return { ...stopped, state: 'starting', reason: 'Its pod was not made yet.' }
      const startedAt = startOf(pod)
      if (isPodReady(pod)) return { state: 'running', reason: null, startedAt, image, version: null }
      const problem = sayHopeless(pod) ?? sayLastEnd(pod)
      const isLate = Date.now() - (pod.metadata?.creationTimestamp?.getTime() ?? 0) > env.RUNTIME_START_SECONDS * 1000
      const state = problem || isLate ? 'degraded' : 'starting'
      return { state, reason: problem ?? sayWaiting(pod), startedAt, image, version: null }
    },

    async stats(agent) {
      const pod = await findPod(cluster, agent)
      if (!pod) return toStats(undefined, undefined)
      const where = { group: 'metrics.k8s.io', version: 'v1beta1', namespace, plural: 'pods', name: pod.metadata!.name! }
      // 404 and 503: the cluster has no metrics server, or nothing measured yet.
      const metrics = await askUnless([404, 503], custom.getNamespacedCustomObject(where))
      return toStats(pod, metrics as PodMetrics | undefined)
    },

    async logs(agent, { since, limit }) {
      const pod = await findPod(cluster, agent)
      if (!pod) return []
      const sinceSeconds = since === undefined ? undefined : Math.max(1, Math.ceil((Date.now() - Date.parse(since)) / 1000))
      const where = { namespace, name: pod.metadata!.name!, container: GATEWAY }
      // 400: its container has not started.
      const output = await askUnless(
        [400, 404],
        core.readNamespacedPodLog({ ...where, timestamps: true, tailLines: limit, sinceSeconds, limitBytes: MAX_LOG_BYTES }),
      )
      const secret = await askUnless([404], core.readNamespacedSecret({ namespace, name: nameOf(agent) }))
      const token = Buffer.from(secret?.data?.token ?? '', 'base64').toString('utf8')
      const lines = (output ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) =>
          toLogLine(line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1), false, { secrets: token ? [token] : [] }),
        )
      return lastLines(lines, { since, limit })
    },

    async sync(agent, workspace) {
      const incoming = JSON.stringify(workspaceFiles(agent, workspace))
      const image = await imageOf(agent)
      if (!image) throw new RuntimeFailed('The agent was never started.')
      const written = await runScript(cluster, agent, image, { script: syncScript, args: [INCOMING_FILE], incoming })
      return countConfirmed(workspace, JSON.parse(written) as string[])
    },

    async *send(agent, turn, signal) {
      signal.throwIfAborted()
      if (!(await findPod(cluster, agent))) throw new RuntimeUnreachable('The agent does not run.')
      yield* askGateway(cluster.urlOf(nameOf(agent)), agent, turn, signal)
    },

    async address(agent) {
      const pod = await findPod(cluster, agent)
      return pod && isPodReady(pod) ? cluster.urlOf(nameOf(agent)) : null
    },

    isAvailable: () =>
      ask(cluster.version.getCode()).then(
        () => true,
        () => false,
      ),
    close: () => Promise.resolve(),
  }
}
