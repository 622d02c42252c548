import { segment, type CallOptions, type Connection } from '../http.ts'
import type {
  Agent,
  AgentConfig,
  AgentConfigChange,
  AgentCreated,
  AgentDetail,
  AgentStats,
  AgentUpdated,
  Answer,
  CreateAgent,
  LifecycleResult,
  Message,
  ProvisionAgent,
  RestartResult,
  UpdateAgent,
} from '../types.ts'

/** The path of one agent. */
const pathOf = (agentId: string): string => `/api/agents/${segment(agentId)}`

const PAGE_SIZE = 100

/** The configuration of agents. Secrets inside are write-only. */
export class AgentConfigs {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The configuration, without secrets. @throws NotFoundError */
  async get(agentId: string, options?: CallOptions): Promise<AgentConfig> {
    const { config } = await this.#connection.request<Answer<'getAgentConfig'>>({
      ...options,
      method: 'GET',
      path: `${pathOf(agentId)}/config`,
    })
    return config
  }

  /** Merges keys into the configuration; null removes one. @returns the whole of it. @throws NotFoundError, InvalidRequestError */
  async update(agentId: string, change: AgentConfigChange, options?: CallOptions): Promise<AgentConfig> {
    const call = { ...options, method: 'PUT', path: `${pathOf(agentId)}/config`, body: change } as const
    return (await this.#connection.request<Answer<'updateAgentConfig'>>(call)).config
  }
}

/** The agents of the account. */
export class Agents {
  readonly #connection: Connection
  /** Their configuration. */
  readonly config: AgentConfigs

  constructor(connection: Connection) {
    this.#connection = connection
    this.config = new AgentConfigs(connection)
  }

  /** All agents, newest first. */
  async list(options?: CallOptions): Promise<Agent[]> {
    return (await this.#connection.request<Answer<'listAgents'>>({ ...options, method: 'GET', path: '/api/agents' })).agents
  }

  /** @throws NotFoundError */
  async get(agentId: string, options?: CallOptions): Promise<AgentDetail> {
    return (await this.#connection.request<Answer<'getAgent'>>({ ...options, method: 'GET', path: pathOf(agentId) })).agent
  }

  /** Creates an agent without starting it. @throws PaymentRequiredError, RateLimitError `AGENT_LIMIT_REACHED` */
  async create(input: CreateAgent, options?: CallOptions): Promise<AgentCreated> {
    return this.#connection.request({ ...options, method: 'POST', path: '/api/agents', body: input })
  }

  /** Creates an agent and starts it. @throws PaymentRequiredError, RateLimitError `AGENT_LIMIT_REACHED` */
  async provision(input: ProvisionAgent, options?: CallOptions): Promise<Answer<'provisionAgent'>['agent']> {
    const call = { ...options, method: 'POST', path: '/api/agents/provision', body: input } as const
    return (await this.#connection.request<Answer<'provisionAgent'>>(call)).agent
  }

  /** Changes plan, provider or configuration; what is left out stays. @throws NotFoundError, PermissionError, PaymentRequiredError */
  async update(agentId: string, input: UpdateAgent, options?: CallOptions): Promise<AgentUpdated> {
    return this.#connection.request({ ...options, method: 'PUT', path: pathOf(agentId), body: input })
  }

  /** Stops an agent and removes it with its messages and memory. @throws NotFoundError */
  async delete(agentId: string, options?: CallOptions): Promise<Answer<'deleteAgent'>> {
    return this.#connection.request({ ...options, method: 'DELETE', path: pathOf(agentId) })
  }

  /** Starts a stopped agent; one that runs stays as it is. @throws NotFoundError, PaymentRequiredError */
  async start(agentId: string, options?: CallOptions): Promise<LifecycleResult> {
    return this.#act(agentId, 'start', options)
  }

  /** Stops an agent; its data stays. @throws NotFoundError */
  async stop(agentId: string, options?: CallOptions): Promise<LifecycleResult> {
    return this.#act(agentId, 'stop', options)
  }

  /** Restarts an agent, and swaps a model that is gone for the default one. @throws NotFoundError, PaymentRequiredError */
  async restart(agentId: string, options?: CallOptions): Promise<RestartResult> {
    return this.#act(agentId, 'restart', options)
  }

  /** Clears what an agent remembers and restarts it; its messages stay. @throws NotFoundError */
  async resetMemory(agentId: string, options?: CallOptions): Promise<LifecycleResult> {
    return this.#act(agentId, 'reset-memory', options)
  }

  /** Resource use and message figures. @throws NotFoundError */
  async stats(agentId: string, options?: CallOptions): Promise<AgentStats> {
    return (await this.#connection.request<Answer<'getAgentStats'>>({ ...options, method: 'GET', path: `${pathOf(agentId)}/stats` })).stats
  }

  /** One page of the messages of an agent, newest first; at most 100 of them. @throws NotFoundError */
  async messagePage(
    agentId: string,
    page: { limit?: number; offset?: number } = {},
    options?: CallOptions,
  ): Promise<Answer<'listAgentMessages'>> {
    return this.#connection.request({ ...options, method: 'GET', path: `${pathOf(agentId)}/messages`, query: page })
  }

  /**
   * All messages of an agent, newest first, read page by page as the loop goes on. One that arrives
   * meanwhile pushes the others back a place; none is given twice for that.
   *
   * @throws NotFoundError
   */
  async *messages(agentId: string, options?: CallOptions): AsyncGenerator<Message, void> {
    let given = new Set<string>()
    for (let offset = 0, total = 1; offset < total; offset += PAGE_SIZE) {
      const page = await this.messagePage(agentId, { limit: PAGE_SIZE, offset }, options)
      total = page.total
      yield* page.messages.filter(({ id }) => !given.has(id))
      given = new Set(page.messages.map(({ id }) => id))
    }
  }

  async #act<T>(agentId: string, action: string, options: CallOptions | undefined): Promise<T> {
    return this.#connection.request({ ...options, method: 'POST', path: `${pathOf(agentId)}/${action}` })
  }
}
