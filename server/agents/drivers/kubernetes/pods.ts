import type { V1Pod } from '@kubernetes/client-node'
import type { RuntimeRef } from '../interface/index.ts'
import { ask, type Cluster } from './cluster.ts'
import { GATEWAY, selectorOf } from './manifests.ts'

/** The pod of an agent's gateway; undefined when there is none. One that is being ended counts until it is gone. */
export async function findPod({ core, namespace }: Cluster, ref: RuntimeRef): Promise<V1Pod | undefined> {
  const { items } = await ask(core.listNamespacedPod({ namespace, labelSelector: selectorOf(ref, 'gateway') }))
  return items.find(({ metadata }) => !metadata?.deletionTimestamp) ?? items[0]
}

const gatewayStatus = (pod: V1Pod) => pod.status?.containerStatuses?.find(({ name }) => name === GATEWAY)

export const isPodReady = (pod: V1Pod): boolean =>
  !pod.metadata?.deletionTimestamp && (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')

/** When the gateway last started; null while it does not run. */
export const startOf = (pod: V1Pod): string | null => gatewayStatus(pod)?.state?.running?.startedAt?.toISOString() ?? null

/** Reasons for waiting that do not go away by themselves. */
const HOPELESS = new Set(['ImagePullBackOff', 'InvalidImageName', 'CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError'])

/** Why a pod will not become ready; undefined while it may. */
export function sayHopeless(pod: V1Pod): string | undefined {
  const waiting = gatewayStatus(pod)?.state?.waiting
  if (!waiting?.reason || !HOPELESS.has(waiting.reason)) return undefined
  if (waiting.reason === 'CrashLoopBackOff') return sayLastEnd(pod) ?? 'It ends again and again.'
  return `${waiting.reason}: ${waiting.message ?? 'Kubernetes does not say more.'}`
}

/** How the gateway ended the last time; null when it did not. */
export function sayLastEnd(pod: V1Pod): string | null {
  const status = gatewayStatus(pod)
  const end = status?.state?.terminated ?? status?.lastState?.terminated
  if (!end) return null
  return end.reason === 'OOMKilled' ? 'It used more memory than it may have.' : `It ended with exit code ${end.exitCode}.`
}

/** Why a pod that has not started is not further, in the cluster's words. */
export function sayWaiting(pod: V1Pod): string {
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return unscheduled?.message ?? gatewayStatus(pod)?.state?.waiting?.reason ?? 'It is not ready yet.'
}
