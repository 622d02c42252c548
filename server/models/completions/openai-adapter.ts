import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { z } from 'zod'
import { LengthLimit } from '#server/platform/flow/index.ts'
import { streamLimits } from '../catalogue/index.ts'
import type { AnswerPart, ChatCall, ChatAdapter, TokenCount, WholeAnswer } from './chat-adapter.ts'
import type { ChatCompletionChunk } from './completions.contract.ts'
import { UnusableAnswer } from './generate.failure.ts'
import { postJson, readJson, UpstreamRefused } from './upstream.ts'

// The request goes to the provider as it came, and the answer comes back as it was sent: nothing is lost
// in translation, and nothing is spent on it.

const usage = z.looseObject({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0).nullish(),
  cost: z.number().min(0).nullish(),
})

const completion = z.looseObject({
  id: z.string().nullish(),
  created: z.number().nullish(),
  choices: z
    .array(
      z.looseObject({
        index: z.int().min(0).default(0),
        message: z.looseObject({ role: z.literal('assistant').default('assistant'), content: z.string().nullable().default(null) }),
        finish_reason: z.string().nullable().default(null),
      }),
    )
    .min(1),
  usage: usage.nullish(),
})

export const openAiAdapter: ChatAdapter = {
  async complete(call) {
    const body = completion.parse(withFirstChoice(await readJson(await send(call, false))))
    return {
      id: body.id ?? '',
      created: Math.trunc(body.created ?? nowSeconds()),
      choices: body.choices,
      count: readCount(body.usage),
    } satisfies WholeAnswer
  },

  async *stream(call) {
    const response = await send(call, true)
    const state: StreamState = { queue: [], isFinished: false, isDone: false }
    const parser = createParser({ onEvent: (event) => readEvent(event, state) })
    const decoder = new TextDecoder()
    const limit = new LengthLimit(streamLimits)
    for await (const bytes of response.body as AsyncIterable<Buffer>) {
      limit.add(bytes)
      parser.feed(decoder.decode(bytes, { stream: true }))
      const { queue } = state
      state.queue = []
      yield* queue
      if (state.isDone) break
    }
    if (!state.isFinished) throw new UnusableAnswer('broke off in the middle of its answer')
  },
}

/** One choice is asked for. No more are looked at, however many there are. */
function withFirstChoice(answer: unknown): unknown {
  const { choices } = Object(answer) as { choices?: unknown }
  return Array.isArray(choices) && choices.length > 1 ? { ...Object(answer), choices: choices.slice(0, 1) } : answer
}

function send({ env, route, request, signal }: ChatCall, isStream: boolean) {
  const { models: _models, stream: _stream, stream_options: _options, ...rest } = request
  const body = { ...rest, model: route.modelName, ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}) }
  return postJson(env, route, 'chat/completions', body, signal)
}

interface StreamState {
  queue: AnswerPart[]
  /** The model said why it stopped. */
  isFinished: boolean
  isDone: boolean
}

interface RawChunk {
  id?: string
  created?: number
  choices?: ChatCompletionChunk['choices']
  usage?: unknown
  error?: { message?: unknown; code?: unknown }
}

/** @throws SyntaxError for what is not JSON; UpstreamRefused for an error inside of the stream. */
function readEvent({ data }: EventSourceMessage, state: StreamState): void {
  if (data === '[DONE]') {
    state.isDone = true
    return
  }
  const raw = JSON.parse(data) as RawChunk
  if (raw.error) throw new UpstreamRefused(Number(raw.error.code) || 500, '')
  const { id = '', created = nowSeconds(), choices = [] } = raw
  if (choices.length > 0) {
    if (choices.some((choice) => choice.finish_reason)) state.isFinished = true
    state.queue.push({ chunk: { id, created, choices } })
  }
  const counted = raw.usage ? usage.safeParse(raw.usage) : undefined
  if (counted?.success) state.queue.push({ count: readCount(counted.data) })
}

function readCount(counted: z.output<typeof usage> | null | undefined): TokenCount {
  if (!counted) return { inputTokens: null, outputTokens: null }
  return {
    inputTokens: counted.prompt_tokens,
    outputTokens: counted.completion_tokens ?? 0,
    ...(typeof counted.cost === 'number' ? { costNanoUsd: Math.round(counted.cost * 1e9) } : {}),
  }
}

const nowSeconds = () => Math.floor(Date.now() / 1000)
