import type { Call, CallOptions, Connection } from '../http.ts'
import { readEvents } from '../stream.ts'
import type { Answer, ChatEvent, ChatReply, Message, SendMessage } from '../types.ts'

/** Longest wait for an answer, in milliseconds: longer than a model gets on the server. */
const CHAT_TIMEOUT_MS = 180_000

const SEND = '/api/chat'
const RETRY = '/api/chat/retry'

/** Which stored messages are meant. */
export interface MessageFilter {
  /** Only this agent; all of yours when left out. */
  agentId?: string
  topic?: string
  /** 50 when left out, 100 at most. */
  limit?: number
  offset?: number
}

/** Talking to agents. */
export class Chat {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Sends a message and waits for the whole answer. Both are stored. When the model fails the message
   * stays, and `retry` answers it.
   *
   * @throws NotFoundError when there is no agent to talk to; ServerError `MODEL_FAILED` and the like; PaymentRequiredError
   */
  async send(input: SendMessage, options?: CallOptions): Promise<ChatReply> {
    return this.#connection.request(callOf(SEND, input, options))
  }

  /**
   * Sends a message and gives what happens as it happens. Leaving the loop cuts the answer off on the
   * server too; what there was of it is stored. Only a call that the server surely did not begin is
   * tried again, and never one whose first event has arrived.
   *
   * @throws the same as `send`, when the loop begins or in the middle of it
   */
  async *stream(input: SendMessage, options?: CallOptions): AsyncGenerator<ChatEvent, void> {
    yield* this.#events(callOf(SEND, input, options))
  }

  /** Answers a stored message that got no answer. @throws NotFoundError, ConflictError `MESSAGE_NOT_RETRYABLE`, and the same as `send` */
  async retry(messageId: string, options?: CallOptions): Promise<ChatReply> {
    return this.#connection.request(callOf(RETRY, { messageId }, options))
  }

  /** The same, giving what happens as it happens. */
  async *streamRetry(messageId: string, options?: CallOptions): AsyncGenerator<ChatEvent, void> {
    yield* this.#events(callOf(RETRY, { messageId }, options))
  }

  /** Stored messages, newest first. */
  async list(filter: MessageFilter = {}, options?: CallOptions): Promise<Message[]> {
    const call = { ...options, method: 'GET', path: '/api/chat', query: { ...filter } } as const
    return (await this.#connection.request<Answer<'listChatMessages'>>(call)).messages
  }

  async *#events(call: Call): AsyncGenerator<ChatEvent, void> {
    yield* readEvents<ChatEvent>(await this.#connection.open({ ...call, accept: 'text/event-stream', retryPolicy: 'unsent' }))
  }
}

const callOf = (path: string, body: object, options: CallOptions | undefined): Call => ({
  timeoutMs: CHAT_TIMEOUT_MS,
  ...options,
  method: 'POST',
  path,
  body,
})
