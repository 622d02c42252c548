import pg from 'pg'
import type { Listener } from './engine.ts'
import { ask, cut, MAX_CONNECT_MS } from './postgres-client.ts'

const RECONNECT_MS = 1_000
/** How often a connection that says nothing is asked whether it is still there. */
const PING_MS = 10_000

/**
 * A connection that hears notifications; a pooled one would hear only those of the moment. It is made
 * when somebody wants to listen, and made again when it breaks.
 */
export class NotificationListener {
  readonly #connectionString: string
  readonly #Client: typeof pg.Client
  readonly #listeners = new Map<string, Listener>()
  #client: Promise<pg.Client> | undefined
  #isClosed = false

  constructor(connectionString: string, Client: typeof pg.Client) {
    this.#connectionString = connectionString
    this.#Client = Client
  }

  /** @throws DatabaseUnreachable when it cannot listen now; it will go on trying. */
  async listen(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener)
    this.#client ??= this.#connect()
    await subscribe(await this.#client, channel, listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const client = await this.#client?.catch(() => undefined)
    await client?.end()
  }

  async #connect(): Promise<pg.Client> {
    const client = new this.#Client({
      connectionString: this.#connectionString,
      application_name: 'agentbot-listener',
      keepAlive: true,
      connectionTimeoutMillis: MAX_CONNECT_MS,
    })
    client.on('notification', ({ channel, payload }) => this.#listeners.get(channel)?.onMessage(payload ?? ''))
    // A connection that cannot be made ends as well, as one does that breaks.
    client.once('end', () => this.#lose())
    await client.connect()
    const ping = setInterval(() => void ask(client, 'select').catch(() => undefined), PING_MS)
    ping.unref()
    client.once('end', () => clearInterval(ping))
    return client
  }

  #lose(): void {
    this.#client = undefined
    for (const listener of this.#listeners.values()) listener.onChange(false)
    if (this.#isClosed) return
    const timer = setTimeout(() => void this.#reconnect(), RECONNECT_MS)
    timer.unref()
  }

  /** What fails here ends the connection, and with that comes the next attempt. */
  async #reconnect(): Promise<void> {
    if (this.#isClosed) return
    const client = await (this.#client ??= this.#connect()).catch(() => undefined)
    if (!client) return
    for (const [channel, listener] of this.#listeners) await subscribe(client, channel, listener).catch(() => cut(client))
  }
}

async function subscribe(client: pg.Client, channel: string, listener: Listener): Promise<void> {
  await ask(client, `listen ${client.escapeIdentifier(channel)}`)
  listener.onChange(true)
}
