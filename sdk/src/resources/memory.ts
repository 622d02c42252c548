import type { CallOptions, Connection } from '../http.ts'
import type { Answer, Memory } from '../types.ts'

const PATH = '/api/memory'

/** What agents remember: JSON values of up to 100 KB each, by key. */
export class Memories {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Everything one agent remembers; everything of all agents when left out. @throws NotFoundError */
  async all(agentId?: string, options?: CallOptions): Promise<Memory> {
    let page = await this.#page(agentId, undefined, options)
    const memory = { ...page.memory }
    while (page.nextCursor !== null) {
      page = await this.#page(agentId, page.nextCursor, options)
      Object.assign(memory, page.memory)
    }
    return { ...page, memory, count: Object.keys(memory).length }
  }

  /** One value; undefined when nothing is stored under the key. @throws NotFoundError when there is no such agent */
  async get(agentId: string, key: string, options?: CallOptions): Promise<unknown> {
    const { memory } = await this.all(agentId, options)
    return Object.hasOwn(memory, key) ? memory[key] : undefined
  }

  /** Stores one value, over the one that is there. @throws NotFoundError, InvalidRequestError */
  async set(agentId: string, key: string, value: unknown, options?: CallOptions): Promise<{ saved: string }> {
    return this.#store({ agentId, key, memory: value }, options)
  }

  /** Stores up to 50 values; other keys stay as they are. @throws NotFoundError, InvalidRequestError */
  async setMany(agentId: string, values: Record<string, unknown>, options?: CallOptions): Promise<{ saved: string }> {
    return this.#store({ agentId, memory: values }, options)
  }

  /** Forgets one value. @throws NotFoundError when there is none, or no such agent */
  async delete(agentId: string, key: string, options?: CallOptions): Promise<void> {
    await this.#connection.request({ ...options, method: 'DELETE', path: PATH, query: { agentId, key } })
  }

  #page(agentId: string | undefined, cursor: string | undefined, options: CallOptions | undefined): Promise<Memory> {
    return this.#connection.request({ ...options, method: 'GET', path: PATH, query: { agentId, cursor } })
  }

  async #store(body: object, options: CallOptions | undefined): Promise<{ saved: string }> {
    const { saved } = await this.#connection.request<Answer<'storeMemory'>>({ ...options, method: 'POST', path: PATH, body })
    return { saved }
  }
}
