import { AuthenticationError } from '../errors.ts'
import { segment, type Call, type CallOptions, type Connection } from '../http.ts'
import type { Answer, ApiKey, ApiKeyCreated, CreateApiKey, KeyCheck } from '../types.ts'

/**
 * API keys. A key cannot manage keys, or a leaked one could make itself successors: all but `validate`
 * need a client that was made with a `session`.
 */
export class Keys {
  readonly #connection: Connection
  readonly #hasSession: boolean

  constructor(connection: Connection, hasSession: boolean) {
    this.#connection = connection
    this.#hasSession = hasSession
  }

  /**
   * Whom a key belongs to. Without an argument: the key of this client.
   *
   * @throws AuthenticationError when the key is not valid (any more), or this client has none
   */
  async validate(apiKey?: string, options?: CallOptions): Promise<KeyCheck> {
    if (apiKey !== undefined) return this.#connection.request({ ...options, method: 'POST', path: '/api/keys/validate', body: { apiKey } })
    return this.#connection.request({ ...options, method: 'POST', path: '/api/validate-key' })
  }

  /** All keys of the account, newest first. Needs a session. */
  async list(options?: CallOptions): Promise<ApiKey[]> {
    return (await this.#manage<Answer<'listApiKeys'>>({ ...options, method: 'GET', path: '/api/keys' })).keys
  }

  /** Makes a key; its `key` is shown this once. Needs a session. @throws RateLimitError `API_KEY_LIMIT_REACHED` at ten keys */
  async create(input: CreateApiKey, options?: CallOptions): Promise<ApiKeyCreated> {
    return this.#manage({ ...options, method: 'POST', path: '/api/keys', body: input })
  }

  /** One key, without its secret part. Needs a session. @throws NotFoundError */
  async get(keyId: string, options?: CallOptions): Promise<ApiKey> {
    return this.#manage({ ...options, method: 'GET', path: `/api/keys/${segment(keyId)}` })
  }

  /** Deletes a key, which stops working at once. Needs a session. @throws NotFoundError */
  async delete(keyId: string, options?: CallOptions): Promise<void> {
    await this.#manage({ ...options, method: 'DELETE', path: `/api/keys/${segment(keyId)}` })
  }

  async #manage<T>(call: Call): Promise<T> {
    if (this.#hasSession) return this.#connection.request(call)
    throw new AuthenticationError('API keys are managed with a session: new Agentbot({ session, baseUrl }). An API key cannot do it.', {
      status: 401,
      code: 'SESSION_REQUIRED',
    })
  }
}
