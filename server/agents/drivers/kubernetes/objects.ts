import { setTimeout as pause } from 'node:timers/promises'
import { RuntimeFailed, type CheckHeld, type RuntimeAgent, type RuntimeRef } from '../interface/index.ts'
import { STOP_SECONDS, waitUntilReady } from '../openclaw/index.ts'
import { ask, askUnless, asMerge, type Cluster } from './cluster.ts'
import {
  claimOf,
  MADE_WITH,
  nameOf,
  networkPolicyOf,
  secretOf,
  selectorOf,
  serviceOf,
  statefulSetOf,
  type AgentSettings,
} from './manifests.ts'
import { findPod, isPodReady, sayHopeless } from './pods.ts'

/** A pod that is on a node that went away is not waited for longer than this. */
const STOP_WAIT_MS = (STOP_SECONDS + 40) * 1000
const POLL_MS = 250

/** Makes the objects of an agent what they have to be. It is not started, and not stopped. */
export async function prepare(cluster: Cluster, agent: RuntimeAgent, settings: AgentSettings): Promise<void> {
  const { namespace, core, apps, networking } = cluster
  const name = nameOf(agent)
  const claim = claimOf(agent, settings)
  await askUnless([409], core.createNamespacedPersistentVolumeClaim({ namespace, body: claim }))
  const secret = secretOf(agent, settings)
  await createOrChange(
    () => core.createNamespacedSecret({ namespace, body: secret }),
    () => core.patchNamespacedSecret({ namespace, name, body: secret }, asMerge),
  )
  const service = serviceOf(agent)
  await createOrChange(
    () => core.createNamespacedService({ namespace, body: service }),
    () => core.patchNamespacedService({ namespace, name, body: service }, asMerge),
  )
  const policy = networkPolicyOf(agent)
  await createOrChange(
    () => networking.createNamespacedNetworkPolicy({ namespace, body: policy }),
    () => networking.patchNamespacedNetworkPolicy({ namespace, name, body: policy }, asMerge),
  )
  const set = statefulSetOf(agent, settings)
  await createOrChange(
    () => apps.createNamespacedStatefulSet({ namespace, body: set }),
    () => apps.patchNamespacedStatefulSet({ namespace, name, body: { spec: { template: set.spec!.template } } }, asMerge),
  )
}

async function createOrChange(create: () => Promise<object>, change: () => Promise<object>): Promise<void> {
  if (!(await askUnless([409], create()))) await ask(change())
}

export const findStatefulSet = ({ apps, namespace }: Cluster, ref: RuntimeRef) =>
  askUnless([404], apps.readNamespacedStatefulSet({ namespace, name: nameOf(ref) }))

const setReplicas = ({ apps, namespace }: Cluster, ref: RuntimeRef, replicas: 0 | 1) =>
  askUnless([404], apps.patchNamespacedStatefulSet({ namespace, name: nameOf(ref), body: { spec: { replicas } } }, asMerge))

/** Starts what was prepared, and waits for it. @throws RuntimeFailed, after which it does not run */
export async function startPod(cluster: Cluster, agent: RuntimeAgent, settings: AgentSettings, checkHeld: CheckHeld): Promise<void> {
  const madeWith = statefulSetOf(agent, settings).spec?.template.metadata?.annotations?.[MADE_WITH]
  await setReplicas(cluster, agent, 1)
  const look = async () => {
    const pod = await findPod(cluster, agent)
    // A pod of an earlier template is about to be replaced.
    if (!pod || pod.metadata?.annotations?.[MADE_WITH] !== madeWith) return 'waiting'
    const problem = sayHopeless(pod)
    if (problem !== undefined) throw new RuntimeFailed(problem)
    return isPodReady(pod) ? 'ready' : 'waiting'
  }
  try {
    await waitUntilReady(look, settings.RUNTIME_START_SECONDS * 1000)
  } catch (error) {
    await checkHeld()
    await stopPod(cluster, agent).catch(() => undefined)
    throw error
  }
}

/** Stops an agent and waits until its pod is gone. @throws RuntimeFailed when it does not go away */
export async function stopPod(cluster: Cluster, ref: RuntimeRef): Promise<void> {
  await setReplicas(cluster, ref, 0)
  const deadline = Date.now() + STOP_WAIT_MS
  while (await findPod(cluster, ref)) {
    if (Date.now() > deadline) throw new RuntimeFailed('The pod of the agent does not end.')
    await pause(POLL_MS)
  }
}

/** Removes every object of an agent, its volume included. */
export async function removeEverything(cluster: Cluster, ref: RuntimeRef): Promise<void> {
  const { namespace, core, apps, batch, networking } = cluster
  const at = { namespace, name: nameOf(ref) }
  await stopPod(cluster, ref)
  await askUnless([404], apps.deleteNamespacedStatefulSet(at))
  const { items: jobs } = await ask(batch.listNamespacedJob({ namespace, labelSelector: selectorOf(ref) }))
  for (const { metadata } of jobs)
    await askUnless([404], batch.deleteNamespacedJob({ namespace, name: metadata!.name!, propagationPolicy: 'Background' }))
  await askUnless([404], core.deleteNamespacedService(at))
  await askUnless([404], networking.deleteNamespacedNetworkPolicy(at))
  const { items: secrets } = await ask(core.listNamespacedSecret({ namespace, labelSelector: selectorOf(ref) }))
  for (const { metadata } of secrets) await askUnless([404], core.deleteNamespacedSecret({ namespace, name: metadata!.name! }))
  await askUnless([404], core.deleteNamespacedPersistentVolumeClaim(at))
}
