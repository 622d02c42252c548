import { Connection, sleep } from './http.ts'
import { Agents } from './resources/agents.ts'
import { Chat } from './resources/chat.ts'
import { Keys } from './resources/keys.ts'
import { Memories } from './resources/memory.ts'

const TIMEOUT_MS = 60_000
const MAX_RETRIES = 2
const SESSION_COOKIE = 'agentbot-session'

/** Where the server is, and how patient to be. */
export interface AgentbotSettings {
  /** Address of the server, such as `https://agents.example.com`. */
  baseUrl: string
  /** Longest time for one try, in milliseconds: 60 s when left out, and 180 s for chat whatever it is. */
  timeoutMs?: number
  /** Tries after the first one, where another can help: 2 when left out. */
  maxRetries?: number
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch
}

/** Who calls: an API key, or, for managing keys, the value of a session cookie (not in browsers, which keep cookies to themselves). */
export type AgentbotCredential = { apiKey: string; session?: undefined } | { session: string; apiKey?: undefined }

/** What `new Agentbot()` takes. */
export type AgentbotOptions = AgentbotSettings & AgentbotCredential

/**
 * A client of an Agentbot server. Calls throw `AgentbotError`s; passing failures are tried again by
 * themselves, and POSTs carry an Idempotency-Key so that nothing happens twice for that.
 *
 *     const agentbot = new Agentbot({ apiKey: 'sk_...', baseUrl: 'http://localhost:3000' })
 *     const { reply } = await agentbot.chat.send({ message: 'Hello' })
 */
export class Agentbot {
  /** Creating, starting, changing and watching agents. */
  readonly agents: Agents
  /** Talking to them. */
  readonly chat: Chat
  /** What they remember. */
  readonly memory: Memories
  /** API keys of the account. */
  readonly keys: Keys

  /** @throws TypeError without a credential, or when `baseUrl` is no http address. */
  constructor(options: AgentbotOptions) {
    const connection = new Connection({
      baseUrl: checkBaseUrl(options.baseUrl),
      headers: credentialHeaders(options),
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxRetries: options.maxRetries ?? MAX_RETRIES,
      fetch: options.fetch ?? ((...request) => fetch(...request)),
      sleep,
      random: Math.random,
      now: Date.now,
    })
    this.agents = new Agents(connection)
    this.chat = new Chat(connection)
    this.memory = new Memories(connection)
    this.keys = new Keys(connection, options.session !== undefined)
  }
}

function checkBaseUrl(baseUrl: string): string {
  const text = String(baseUrl ?? '').trim()
  if (!/^https?:\/\/[^/]/.test(text)) throw new TypeError(`baseUrl: expected an http or https address, got "${text}".`)
  return text.replace(/\/+$/, '')
}

function credentialHeaders({ apiKey, session }: AgentbotCredential): Record<string, string> {
  if (apiKey) return { authorization: `Bearer ${apiKey}` }
  if (session) return { cookie: `${SESSION_COOKIE}=${session}` }
  throw new TypeError('Expected an apiKey (or a session).')
}
