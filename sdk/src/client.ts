import { Connection, sleep } from './http.ts'
import { Agents } from './resources/agents.ts'
import { Chat } from './resources/chat.ts'
import { Keys } from './resources/keys.ts'
import { Memories } from './resources/memory.ts'

const DEFAULT_URL = 'http://localhost:3000'
const TIMEOUT_MS = 60_000
const MAX_RETRIES = 2
const SESSION_COOKIE = 'agentbot-session'

/** Where the server is, and how patient to be. */
export interface AgentbotSettings {
  /** Address of the server, such as `https://agents.example.com`. When left out: `AGENTBOT_URL`, else `http://localhost:3000`. */
  baseUrl?: string | undefined
  /**
   * Id of the workspace to call in, for a session; an API key is of one and needs none. When left out: the one the session has chosen,
   * else the personal one.
   */
  workspace?: string | undefined
  /** Longest time for one try, in milliseconds: 60 s when left out, and 180 s for chat whatever it is. */
  timeoutMs?: number
  /** Tries after the first one, where another can help: 2 when left out. */
  maxRetries?: number
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch
}

/**
 * Who calls: an API key, or, for managing keys, the value of a session cookie (not in browsers, which keep cookies to
 * themselves). Without either the key is `AGENTBOT_API_KEY`.
 */
export type AgentbotCredential = { apiKey?: string | undefined; session?: undefined } | { session: string | undefined; apiKey?: undefined }

/** What `new Agentbot()` takes. What is undefined is looked for in the environment, where there is one. */
export type AgentbotOptions = AgentbotSettings & AgentbotCredential

/**
 * A client of an Agentbot server. Calls throw `AgentbotError`s; passing failures are tried again by
 * themselves, and POSTs carry an Idempotency-Key so that nothing happens twice for that.
 *
 *     const agentbot = new Agentbot({ apiKey: process.env.AGENTBOT_API_KEY })
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
  constructor(options: AgentbotOptions = {}) {
    const connection = new Connection({
      baseUrl: checkBaseUrl(options.baseUrl ?? environment('AGENTBOT_URL') ?? DEFAULT_URL),
      headers: { ...credentialHeaders(options), ...workspaceHeader(options) },
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

/** A variable of the environment; undefined where it is empty, and in browsers, which have none. */
function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env?.[name] || undefined
}

function checkBaseUrl(baseUrl: string): string {
  const text = String(baseUrl).trim()
  if (!/^https?:\/\/[^/]/.test(text)) throw new TypeError(`baseUrl: expected an http or https address, got "${text}".`)
  return text.replace(/\/+$/, '')
}

function credentialHeaders(options: AgentbotCredential): Record<string, string> {
  if (options.session !== undefined || ('session' in options && !('apiKey' in options)))
    return { cookie: `${SESSION_COOKIE}=${checkText('session', options.session, 'the value of a session cookie')}` }
  const apiKey = options.apiKey ?? environment('AGENTBOT_API_KEY')
  return { authorization: `Bearer ${checkText('apiKey', apiKey, 'an API key (sk_...), here or in AGENTBOT_API_KEY')}` }
}

const workspaceHeader = ({ workspace }: AgentbotSettings): Record<string, string> =>
  workspace === undefined ? {} : { 'x-agentbot-workspace': checkText('workspace', workspace, 'the id of a workspace') }

/** A key that was read from somewhere may not be there: better said here than by the first call. */
function checkText(name: string, value: unknown, expected: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim()
  throw new TypeError(`${name}: expected ${expected}, got ${value === '' ? 'an empty text' : value === null ? 'null' : typeof value}.`)
}
