import type { V1Job, V1Secret } from '@kubernetes/client-node'
import type { RuntimeRef } from '../interface/index.ts'
import { scriptCommand } from '../openclaw/index.ts'
import { AGENT_LABEL, confined, confinedContainer, dataMounts, dataVolumes, labelsOf, ROLE_LABEL } from './manifests.ts'

const INCOMING_DIR = '/incoming'
/** File of the secret of a job that holds what the job works with. */
const INCOMING_KEY = 'files.json'
export const INCOMING_FILE = `${INCOMING_DIR}/${INCOMING_KEY}`

export const incomingSecretOf = (ref: RuntimeRef, name: string, content: string): V1Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels: labelsOf(ref, 'job') },
  type: 'Opaque',
  stringData: { [INCOMING_KEY]: content },
})

export interface AgentScript {
  /** Name of the job, and of the secret it reads when there is one. */
  name: string
  image: string
  script: string
  args: string[]
  hasIncoming: boolean
}

/** Runs one script on the volume of an agent, beside its gateway where that runs: the volume belongs to one node at a time. */
export const jobOf = (ref: RuntimeRef, { name, image, script, args, hasIncoming }: AgentScript): V1Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, labels: labelsOf(ref, 'job') },
  spec: {
    backoffLimit: 0,
    activeDeadlineSeconds: 600,
    ttlSecondsAfterFinished: 3600,
    template: {
      metadata: { labels: labelsOf(ref, 'job') },
      spec: {
        ...confined,
        restartPolicy: 'Never',
        affinity: {
          podAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  labelSelector: { matchLabels: { [AGENT_LABEL]: ref.id, [ROLE_LABEL]: 'gateway' } },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
        containers: [
          {
            ...confinedContainer,
            name: 'script',
            image,
            command: scriptCommand(script, ...args),
            resources: { limits: { memory: '512Mi', cpu: '1' }, requests: { memory: '128Mi', cpu: '100m' } },
            volumeMounts: [...dataMounts, ...(hasIncoming ? [{ name: 'incoming', mountPath: INCOMING_DIR, readOnly: true }] : [])],
          },
        ],
        volumes: [...dataVolumes(ref), ...(hasIncoming ? [{ name: 'incoming', secret: { secretName: name, defaultMode: 0o440 } }] : [])],
      },
    },
  },
})
