import type { V1Pod } from '@kubernetes/client-node'
import type { RuntimeStats } from '../interface/index.ts'

const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
}

/** The number a quantity of Kubernetes stands for (`250m`, `128Mi`); null when it is not one. */
export function readQuantity(quantity: string | undefined): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(quantity ?? '') ?? []
  const factor = factors[unit ?? '?']
  return digits === undefined || factor === undefined ? null : Number(digits) * factor
}

/** What metrics.k8s.io says of a pod. */
export interface PodMetrics {
  containers: { name: string; usage: { cpu?: string; memory?: string } }[]
}

/** The pod's limit is known always, its usage only where the cluster has a metrics server. */
export function toStats(pod: V1Pod | undefined, metrics: PodMetrics | undefined): RuntimeStats {
  const usage = metrics?.containers[0]?.usage
  const cpus = readQuantity(usage?.cpu)
  return {
    cpuPercent: cpus === null ? null : cpus * 100,
    memoryBytes: readQuantity(usage?.memory),
    memoryLimitBytes: readQuantity(pod?.spec?.containers[0]?.resources?.limits?.memory),
    pids: null,
    networkInBytes: null,
    networkOutBytes: null,
  }
}
