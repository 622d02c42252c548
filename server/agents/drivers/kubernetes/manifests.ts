import type {
  V1Container,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1PodSpec,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node'
import { createHash } from 'node:crypto'
import type { Env } from '#server/platform/core/index.ts'
import type { RuntimeAgent, RuntimeRef } from '../interface/index.ts'
import { AGENT_ROOT, AGENT_USER, GATEWAY_PORT, gatewayContainer, STOP_SECONDS, TEMPORARY_BYTES } from '../openclaw/index.ts'

export type AgentSettings = Pick<Env, 'RUNTIME_MODELS_URL' | 'RUNTIME_START_SECONDS' | 'KUBERNETES_STORAGE_CLASS' | 'KUBERNETES_VOLUME_GB'>

/** Name of every object of an agent but its jobs: lower-case letters, digits and hyphens. */
export const nameOf = ({ id }: RuntimeRef): string => `agentbot-${id.toLowerCase().replace(/[^a-z0-9-]/g, '-')}`

export const GATEWAY = 'gateway'
export const AGENT_LABEL = 'agentbot.io/agent'
export const ROLE_LABEL = 'agentbot.io/role'
/** Fingerprint of what a pod was made with; on its template and so on the pod. */
export const MADE_WITH = 'agentbot.io/made-with'
/** Label of this server's own pods, as `deploy/kubernetes` sets it. */
const SERVER_LABEL = { 'app.kubernetes.io/name': 'agentbot' }

export const labelsOf = ({ id, accountId }: RuntimeRef, role: 'gateway' | 'job') => ({
  'app.kubernetes.io/name': 'agentbot-agent',
  'app.kubernetes.io/managed-by': 'agentbot',
  [AGENT_LABEL]: id,
  'agentbot.io/account': accountId,
  [ROLE_LABEL]: role,
})

/** Selects everything of an agent, or what plays one role. */
export const selectorOf = ({ id }: RuntimeRef, role?: 'gateway' | 'job') => `${AGENT_LABEL}=${id}${role ? `,${ROLE_LABEL}=${role}` : ''}`

const CONFIG_DIR = '/config'

/** Its configuration with the model key, and its token. */
export function secretOf(agent: RuntimeAgent, settings: AgentSettings): V1Secret {
  const { config } = gatewayOf(agent, settings)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf(agent), labels: labelsOf(agent, 'gateway') },
    type: 'Opaque',
    stringData: { 'openclaw.json': config, token: agent.token },
  }
}

export const claimOf = (ref: RuntimeRef, { KUBERNETES_STORAGE_CLASS: storageClassName, KUBERNETES_VOLUME_GB: size }: AgentSettings) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: nameOf(ref), labels: labelsOf(ref, 'gateway') },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: `${size}Gi` } },
      ...(storageClassName && { storageClassName }),
    },
  }) satisfies V1PersistentVolumeClaim

export const serviceOf = (ref: RuntimeRef): V1Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: nameOf(ref), labels: labelsOf(ref, 'gateway') },
  spec: { selector: { [AGENT_LABEL]: ref.id, [ROLE_LABEL]: 'gateway' }, ports: [{ name: 'http', port: GATEWAY_PORT, targetPort: 'http' }] },
})

/** Lets this server in, to the gateway's port, and nobody else. */
export const networkPolicyOf = (ref: RuntimeRef): V1NetworkPolicy => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: nameOf(ref), labels: labelsOf(ref, 'gateway') },
  spec: {
    podSelector: { matchLabels: { [AGENT_LABEL]: ref.id } },
    policyTypes: ['Ingress'],
    ingress: [{ _from: [{ podSelector: { matchLabels: SERVER_LABEL } }], ports: [{ protocol: 'TCP', port: GATEWAY_PORT }] }],
  },
})

/** The gateway, stopped: `replicas` says whether it runs, and is changed on its own. */
export function statefulSetOf(agent: RuntimeAgent, settings: AgentSettings): V1StatefulSet {
  const spec = gatewayPodOf(agent, settings)
  const madeWith = createHash('sha256')
    .update(JSON.stringify([spec, agent.token]))
    .digest('hex')
    .slice(0, 32)
  const labels = labelsOf(agent, 'gateway')
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: nameOf(agent), labels },
    spec: {
      serviceName: nameOf(agent),
      replicas: 0,
      selector: { matchLabels: { [AGENT_LABEL]: agent.id, [ROLE_LABEL]: 'gateway' } },
      template: { metadata: { labels, annotations: { [MADE_WITH]: madeWith } }, spec },
    },
  }
}

const gatewayOf = (agent: RuntimeAgent, { RUNTIME_MODELS_URL }: AgentSettings) =>
  gatewayContainer(agent, RUNTIME_MODELS_URL!, `${CONFIG_DIR}/openclaw.json`)

/** What holds for everything that runs for an agent: no rights, no account, nothing to write to but its volume and /tmp. */
export const confined: Partial<V1PodSpec> = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: AGENT_USER,
    runAsGroup: AGENT_USER,
    fsGroup: AGENT_USER,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  },
}

export const confinedContainer = {
  securityContext: {
    allowPrivilegeEscalation: false,
    privileged: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
} satisfies Partial<V1Container>

export const dataMounts = [
  { name: 'data', mountPath: AGENT_ROOT },
  { name: 'tmp', mountPath: '/tmp' },
]
export const dataVolumes = (ref: RuntimeRef) => [
  { name: 'data', persistentVolumeClaim: { claimName: nameOf(ref) } },
  { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: `${TEMPORARY_BYTES / 1024 ** 2}Mi` } },
]

function gatewayPodOf(agent: RuntimeAgent, settings: AgentSettings): V1PodSpec {
  const { entrypoint, arguments: args, env } = gatewayOf(agent, settings)
  const { OPENCLAW_GATEWAY_TOKEN: _inSecret, ...open } = env
  const limits = { memory: `${agent.resources.memoryGb * 1024}Mi`, cpu: String(agent.resources.cpus) }
  const periodSeconds = 2
  return {
    ...confined,
    terminationGracePeriodSeconds: STOP_SECONDS,
    containers: [
      {
        ...confinedContainer,
        name: GATEWAY,
        image: agent.image,
        command: entrypoint,
        args,
        env: [
          ...Object.entries(open).map(([name, value]) => ({ name, value })),
          { name: 'OPENCLAW_GATEWAY_TOKEN', valueFrom: { secretKeyRef: { name: nameOf(agent), key: 'token' } } },
        ],
        ports: [{ name: 'http', containerPort: GATEWAY_PORT }],
        // Idle agents use little CPU, so they may share it; memory is never promised twice.
        resources: { limits, requests: { memory: limits.memory, cpu: '100m' } },
        startupProbe: {
          httpGet: { path: '/healthz', port: 'http' },
          periodSeconds,
          failureThreshold: Math.ceil(settings.RUNTIME_START_SECONDS / periodSeconds),
        },
        readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds, timeoutSeconds: 3 },
        livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        volumeMounts: [...dataMounts, { name: 'config', mountPath: CONFIG_DIR, readOnly: true }],
      },
    ],
    volumes: [
      ...dataVolumes(agent),
      {
        name: 'config',
        secret: { secretName: nameOf(agent), items: [{ key: 'openclaw.json', path: 'openclaw.json' }], defaultMode: 0o440 },
      },
    ],
  }
}
