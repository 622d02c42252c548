import type { PostgresPool } from 'kysely'

/** For whom a connection works, which decides what it sees and may do. */
export interface Viewpoint {
  /** The workspace whose rows it sees; null for none. */
  accountId: string | null
  /** The person whose own rows it sees, such as passkeys and sessions; null for none. */
  userId: string | null
  /** Whether the database refuses to write. */
  isReadOnly: boolean
}

/** What a database engine has to offer: connections for the application's role and for the system. */
export interface Engine {
  /** A pool of connections that have a viewpoint, and see nothing else. */
  poolFor(viewpoint: Viewpoint): PostgresPool
  systemPool: PostgresPool
  /** The connection for statements that may take long: migrations, and clearing away what is over. */
  maintenancePool: PostgresPool
  /** Hears what is sent to a channel with NOTIFY, by any server of the database. */
  listen(channel: string, listener: Listener): Promise<void>
  close(): Promise<void>
}

/** What comes of listening to a channel. */
export interface Listener {
  onMessage(payload: string): void
  /** Whether messages arrive now: false from when the connection breaks until there is a new one. */
  onChange(isListening: boolean): void
}

/** The role whose connections serve accounts. It owns nothing and bypasses no policy. */
export const APP_ROLE = 'agentbot_app'

/** The database works, but not in a way this server can rely on; the message says what to change. */
export class UnsuitableDatabase extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnsuitableDatabase'
  }
}
