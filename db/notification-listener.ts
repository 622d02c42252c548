import pg from 'pg'
import type { Listener } from './engine.ts'

const RECONNECT_MS = 1_000

/**
 * A connection that hears notifications; a pooled one would hear only those of the moment. It is made
 * when somebody wants to listen, and made again when it breaks.
 */
export class NotificationListener {
  readonly #connectionString: string
  readonly #listeners = new Map<string, Listener>()
  #client: pg.Client | undefined
  #isClosed = false

  constructor(connectionString: string) {
    this.#connectionString = connectionString
  }

  async listen(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener)
    if (this.#client) await this.#subscribe(this.#client, channel, listener)
    else await this.#connect()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#client?.end()
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#connectionString, application_name: 'agentbot-listener', keepAlive: true })
    // A broken connection also ends, and `end` sees to it.
    client.on('error', () => undefined)
    client.on('notification', ({ channel, payload }) => this.#listeners.get(channel)?.onMessage(payload ?? ''))
    await client.connect()
    client.once('end', () => this.#lose())
    this.#client = client
    for (const [channel, listener] of this.#listeners) await this.#subscribe(client, channel, listener)
  }

  async #subscribe(client: pg.Client, channel: string, listener: Listener): Promise<void> {
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    listener.onChange(true)
  }

  #lose(): void {
    this.#client = undefined
    for (const listener of this.#listeners.values()) listener.onChange(false)
    this.#retry()
  }

  #retry(): void {
    if (this.#isClosed) return
    const timer = setTimeout(() => this.#connect().catch(() => this.#retry()), RECONNECT_MS)
    timer.unref()
  }
}
