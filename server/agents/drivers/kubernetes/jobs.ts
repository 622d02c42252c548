import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { RuntimeFailed, type RuntimeRef } from '../interface/index.ts'
import { ask, askUnless, type Cluster } from './cluster.ts'
import { incomingSecretOf, jobOf } from './job-manifest.ts'
import { nameOf } from './manifests.ts'

const POLL_MS = 250

export interface Script {
  script: string
  args?: string[]
  /** What the script finds in `INCOMING_FILE`. */
  incoming?: string
}

/**
 * Runs a script on the volume of an agent and waits for its end. Nothing of it stays.
 *
 * @returns what it wrote
 * @throws RuntimeFailed when it failed
 */
export async function runScript(
  cluster: Cluster,
  ref: RuntimeRef,
  image: string,
  { script, args = [], incoming }: Script,
): Promise<string> {
  const { namespace, core, batch } = cluster
  const name = `${nameOf(ref)}-${randomBytes(4).toString('hex')}`
  const job = jobOf(ref, { name, image, script, args, hasIncoming: incoming !== undefined })
  try {
    if (incoming !== undefined) await ask(core.createNamespacedSecret({ namespace, body: incomingSecretOf(ref, name, incoming) }))
    await ask(batch.createNamespacedJob({ namespace, body: job }))
    await waitForEnd(cluster, name)
    const { items } = await ask(core.listNamespacedPod({ namespace, labelSelector: `job-name=${name}` }))
    return (await ask(core.readNamespacedPodLog({ namespace, name: items[0]?.metadata?.name ?? name }))) ?? ''
  } finally {
    await askUnless([404], batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' }))
    await askUnless([404], core.deleteNamespacedSecret({ namespace, name }))
  }
}

/** @throws RuntimeFailed; the deadline of the job itself sees to it that there is an end */
async function waitForEnd({ namespace, batch }: Cluster, name: string): Promise<void> {
  for (;;) {
    const { status } = await ask(batch.readNamespacedJob({ namespace, name }))
    if (status?.succeeded) return
    if (status?.conditions?.some((condition) => condition.type === 'Failed' && condition.status === 'True'))
      throw new RuntimeFailed('The data of the agent could not be changed.')
    await pause(POLL_MS)
  }
}
