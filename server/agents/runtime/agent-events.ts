import type { Platform } from '#server/platform/core/index.ts'
import { EventQueue } from '#server/platform/flow/index.ts'

/** What the database says of agents, on all servers. */
export type AgentNotice =
  | { kind: 'status'; accountId: string; agentId: string; status: string }
  | { kind: 'log'; accountId: string; agentId: string; logId: string }
  /** It is gone, and everything it had. */
  | { kind: 'deleted'; accountId: string; agentId: string }
  /** A turn of it ended, and the next one is of another server. */
  | { kind: 'turn'; accountId: string; agentId: string }
  /** Something may have been missed: who follows has to look for itself. */
  | { kind: 'gap' }

/** Hands what the database says of agents to those at this server who follow it. */
class AgentEvents {
  readonly #followers = new Map<EventQueue<AgentNotice>, string>()
  /** Those that missed something, and have not read that yet. */
  readonly #behind = new WeakSet<EventQueue<AgentNotice>>()
  readonly #hearers = new Set<(notice: AgentNotice) => void>()
  readonly #isListening: Promise<void>

  constructor(platform: Platform) {
    this.#isListening = platform.databases.listen('agents', {
      onMessage: (payload) => this.#tell(JSON.parse(payload) as AgentNotice),
      onChange: (isListening) => isListening && this.#tell({ kind: 'gap' }),
    })
  }

  async hear(hearer: (notice: AgentNotice) => void): Promise<void> {
    this.#hearers.add(hearer)
    await this.#isListening
  }

  async follow(accountId: string): Promise<EventQueue<AgentNotice>> {
    await this.#isListening
    const queue = new EventQueue<AgentNotice>()
    this.#followers.set(queue, accountId)
    return queue
  }

  leave(queue: EventQueue<AgentNotice>): void {
    this.#followers.delete(queue)
    queue.close()
  }

  #tell(notice: AgentNotice): void {
    for (const hear of this.#hearers) hear(notice)
    // Nobody watches turns, and there may be many.
    if (notice.kind === 'turn') return
    for (const [queue, accountId] of this.#followers) {
      if (notice.kind !== 'gap' && notice.accountId !== accountId) continue
      if (!queue.isFull) void queue.push(notice)
      // Who does not keep up has to look for itself.
      else if (!this.#behind.has(queue)) {
        this.#behind.add(queue)
        void queue.push({ kind: 'gap' }).then(() => this.#behind.delete(queue))
      }
    }
  }
}

const hubs = new WeakMap<Platform, AgentEvents>()

const hubOf = (platform: Platform): AgentEvents => {
  let hub = hubs.get(platform)
  if (!hub) hubs.set(platform, (hub = new AgentEvents(platform)))
  return hub
}

/** Calls a function with everything the database says of agents, until the server stops. Resolves once it listens. */
export const hearOfAgents = (platform: Platform, hearer: (notice: AgentNotice) => void): Promise<void> => hubOf(platform).hear(hearer)

/**
 * What happens to the agents of an account from now on, until the signal aborts. It listens once the
 * promise resolves, so that who reads the present state after that misses nothing.
 */
export async function followAgents(platform: Platform, accountId: string, signal: AbortSignal): Promise<AsyncIterable<AgentNotice>> {
  const hub = hubOf(platform)
  const queue = await hub.follow(accountId)
  const leave = () => hub.leave(queue)
  const ending = AbortSignal.any([signal, platform.shutdown])
  if (ending.aborted) leave()
  else ending.addEventListener('abort', leave, { once: true })
  return queue
}
