import type { ContainerCreateOptions } from 'dockerode'
import { createHash } from 'node:crypto'
import type { RuntimeAgent, RuntimeRef } from '../interface/index.ts'
import {
  AGENT_ROOT,
  AGENT_USER,
  GATEWAY_PORT,
  gatewayContainer,
  MAX_PROCESSES,
  scriptCommand,
  STOP_SECONDS,
  TEMPORARY_BYTES,
} from '../openclaw/index.ts'

/** What an engine knows an agent's things by. */
export const AGENT_LABEL = 'agentbot.agent'
const ACCOUNT_LABEL = 'agentbot.account'
const ROLE_LABEL = 'agentbot.role'
/** Fingerprint of all a container was made with. */
export const MADE_WITH_LABEL = 'agentbot.made-with'

/** Name of the container, the volume and the network of an agent. */
export const nameOf = ({ id }: RuntimeRef): string => `agentbot-${id}`

export const labelsOf = ({ id, accountId }: RuntimeRef) => ({ [AGENT_LABEL]: id, [ACCOUNT_LABEL]: accountId })

/** Label filter that finds the gateways of all agents. */
export const gatewayFilter = [`${ROLE_LABEL}=gateway`]

/** The agent that labels name; undefined for what belongs to none. */
export function readLabels(labels: Record<string, string> | undefined): RuntimeRef | undefined {
  const { [AGENT_LABEL]: id, [ACCOUNT_LABEL]: accountId } = labels ?? {}
  return id && accountId ? { id, accountId } : undefined
}

/** Label filter that finds everything of an agent, or what plays one role. */
export const labelFilter = ({ id }: RuntimeRef, role?: 'gateway' | 'helper') =>
  role === undefined ? [`${AGENT_LABEL}=${id}`] : [`${AGENT_LABEL}=${id}`, `${ROLE_LABEL}=${role}`]

const GATEWAY_PORT_KEY = `${GATEWAY_PORT}/tcp`
const PERIOD_MICROSECONDS = 100_000
const BYTES_PER_GB = 1024 ** 3

/** Longest name of a host (hostname(7)). */
const MAX_HOST_NAME_LENGTH = 64

/**
 * Name an agent's containers have for their machine, whichever of them runs: OpenClaw lets nobody at its state for
 * 300 s after a gateway of another host was killed. It is not part of what a container was made with, so containers
 * from before there was one count as they are.
 */
const hostNameOf = (ref: RuntimeRef): string => nameOf(ref).slice(0, MAX_HOST_NAME_LENGTH)

/** What holds for everything that runs for an agent: no rights, no way to get any, nothing to write to but its volume and /tmp. */
const confined = (ref: RuntimeRef) => ({
  Init: true,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  ReadonlyRootfs: true,
  Tmpfs: { '/tmp': `rw,nosuid,nodev,noexec,mode=1777,size=${TEMPORARY_BYTES}` },
  PidsLimit: MAX_PROCESSES,
  IpcMode: 'private',
  RestartPolicy: { Name: 'no' },
  LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  Mounts: [{ Type: 'volume' as const, Source: nameOf(ref), Target: AGENT_ROOT }],
})

const user = `${AGENT_USER}:${AGENT_USER}`

/** The container of an agent's gateway, on its own network, with its port on 127.0.0.1 and nowhere else. */
export function gatewayOptions(agent: RuntimeAgent, modelsUrl: string): ContainerCreateOptions {
  const { entrypoint, arguments: args, env } = gatewayContainer(agent, modelsUrl)
  const memory = agent.resources.memoryGb * BYTES_PER_GB
  const options: ContainerCreateOptions = {
    Image: agent.image,
    User: user,
    Entrypoint: entrypoint,
    Cmd: args,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { [GATEWAY_PORT_KEY]: {} },
    StopTimeout: STOP_SECONDS,
    HostConfig: {
      ...confined(agent),
      Memory: memory,
      MemorySwap: memory,
      // Not NanoCpus: that is refused on a machine with fewer CPUs than a plan allows.
      CpuPeriod: PERIOD_MICROSECONDS,
      CpuQuota: agent.resources.cpus * PERIOD_MICROSECONDS,
      NetworkMode: nameOf(agent),
      PortBindings: { [GATEWAY_PORT_KEY]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
      ExtraHosts: ['host.docker.internal:host-gateway'],
    },
  }
  const madeWith = createHash('sha256').update(JSON.stringify(options)).digest('hex')
  return {
    ...options,
    name: nameOf(agent),
    Hostname: hostNameOf(agent),
    Labels: { ...labelsOf(agent), [ROLE_LABEL]: 'gateway', [MADE_WITH_LABEL]: madeWith },
  }
}

/** A container that runs one script on the volume of an agent, without a network, and ends. */
export const helperOptions = (ref: RuntimeRef, image: string, script: string, args: string[]): ContainerCreateOptions => ({
  Image: image,
  User: user,
  Entrypoint: scriptCommand(script, ...args),
  Cmd: [],
  Labels: { ...labelsOf(ref), [ROLE_LABEL]: 'helper' },
  HostConfig: { ...confined(ref), NetworkMode: 'none' },
})

/** Port on 127.0.0.1 that leads to the gateway, from what an inspection shows. */
export const publishedPort = (ports: Record<string, { HostPort: string }[] | null> | undefined): string | undefined =>
  ports?.[GATEWAY_PORT_KEY]?.[0]?.HostPort
