import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client'
import { EventSource } from 'eventsource'
import { createHandler } from '../../app/http/handler.ts'
import { createHttpServer } from '../../app/http/http-server.ts'
import { createListener } from '../../app/http/listener.ts'
import type { AppRouter } from '../../app/trpc/router.ts'
import type { Databases } from '../../db/client.ts'
import type { Engine } from '../../db/engine.ts'
import { postingEventSource } from '../../sdk/src/event-source.ts'
import { loadResourceRoutes } from '../../scripts/routes.ts'
import { startSession } from '../../server/identity/auth/sessions.ts'
import { readEnv } from '../../server/platform/core/env.ts'
import { createLogger } from '../../server/platform/core/log.ts'
import { assemblePlatform, type RunningPlatform } from '../../server/platform/host/platform.ts'
import { startServer } from '../../server/start.ts'
import { openTestDatabase } from './test-database.ts'

/** Who makes a call: an API key, a session cookie, or nobody. */
export interface Caller {
  key?: string
  cookie?: string
}

export interface TestAccount {
  id: string
  email: string
  password: string
  key: string
  cookie: string
}

interface CallOptions extends Caller {
  body?: unknown
  headers?: Record<string, string>
}

/** A JSON answer, taken apart. */
export interface Answer {
  status: number
  headers: Headers
  // What is in it is what each test asserts.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

export interface TestServer {
  url: string
  platform: RunningPlatform
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  graphql(query: string, variables?: Record<string, unknown>, caller?: Caller): Promise<Answer>
  trpc(caller?: Caller): TRPCClient<AppRouter>
  /** A fresh account that is signed in and has an API key. */
  createAccount(details?: { email?: string; referralCode?: string }): Promise<TestAccount>
  close(): Promise<void>
}

/** Nothing listens there: a test that needs a provider starts a fake of it, and none reaches the internet. */
const NOWHERE = 'http://127.0.0.1:9'
const noProviders = {
  ...Object.fromEntries(['OPENROUTER', 'OPENAI', 'ANTHROPIC', 'GEMINI', 'GROQ', 'OLLAMA'].map((name) => [`${name}_BASE_URL`, NOWHERE])),
  STRIPE_API_BASE: NOWHERE,
}
/** The money of these chains is worth nothing. */
const chains = { ALLOW_EMBEDDED_WALLETS: 'on' }

let accounts = 0

/** What a test puts in place of parts of a server. */
export interface ServerParts {
  /** Where its log goes. */
  logTo?: { write(line: string): void }
  /** Made of its database engine, and used instead. */
  engine?: (engine: Engine) => Engine
}

/**
 * A whole server on a free port with a database of its own.
 *
 * @param variables Added to its environment.
 * @param fill Makes what is in the database before the server starts.
 */
export async function startTestServer(
  variables: Record<string, string> = {},
  fill: (databases: Databases) => Promise<void> = async () => undefined,
  { logTo, engine }: ServerParts = {},
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'agentbot-test-'))
  const env = readEnv({ ...noProviders, ...chains, DATA_DIR: dataDir, RATE_LIMIT_SCALE: '1000', LOG_LEVEL: 'silent', ...variables })
  const { databases } = await openTestDatabase(engine)
  await fill(databases)
  const platform = await assemblePlatform(
    env,
    createLogger(env, logTo),
    databases,
    'a secret that only tests use, long enough',
    async () => undefined,
  )
  await startServer(platform)
  const handle = createHandler(platform, await loadResourceRoutes(), async () => new Response('no pages here', { status: 404 }))
  const server = createHttpServer(createListener(handle))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const call: TestServer['call'] = async (method, path, { body, headers, ...caller } = {}) => {
    const response = await fetch(url + path, {
      method,
      // Where somebody is sent on to is part of the answer.
      redirect: 'manual',
      headers: { ...credentials(caller), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text }
  }

  return {
    url,
    platform,
    call,
    graphql: (query, variables, caller) => call('POST', '/graphql', { ...caller, body: { query, variables } }),
    trpc: (caller = {}) =>
      createTRPCClient<AppRouter>({
        links: [
          splitLink({
            condition: ({ type }) => type === 'subscription',
            true: httpSubscriptionLink({ url: `${url}/trpc`, EventSource, eventSourceOptions: postingEventSource(credentials(caller)) }),
            false: httpLink({ url: `${url}/trpc`, headers: credentials(caller) }),
          }),
        ],
      }),
    async createAccount(details = {}) {
      const email = details.email ?? `user${++accounts}-${Date.now()}@example.org`
      const password = 'correct horse battery'
      const { body } = await call('POST', '/api/register', { body: { email, password, name: `User ${accounts}`, ...details } })
      // Without the password, which takes long to check: hundreds of tests need an account.
      const cookie = (await startSession(platform, body.id, { method: 'password', secondFactor: false, ip: '', userAgent: null })).split(
        ';',
      )[0]!
      const created = await call('POST', '/api/keys', { cookie, body: { name: 'test' } })
      return { id: body.id, email, password, key: created.body.key, cookie }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await platform.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function credentials({ key, cookie }: Caller): Record<string, string> {
  return { ...(key ? { authorization: `Bearer ${key}` } : {}), ...(cookie ? { cookie } : {}) }
}
