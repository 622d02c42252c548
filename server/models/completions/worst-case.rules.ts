import type { Amounts } from '#server/money/budgets/index.ts'
import type { ChatRequest, ChatRequestMessage } from '../wires/index.ts'
import { costOf, type Prices } from './cost.rules.ts'

/** How much a call may take in, before the provider has counted. */
export interface InputEstimate {
  /** Tokens it hardly exceeds. */
  likely: number
  /** Tokens it cannot exceed: a token stands for at least one byte. */
  most: number
}

/** What agents send has 4.3 bytes a token; what needs more tokens than one for three bytes is rare. */
const BYTES_PER_TOKEN = 3
/** What a provider adds to each message to say whose it is. */
const MESSAGE_TOKENS = 8
/** What a picture takes: of most models, and of those that look closely. */
const PICTURE = { likely: 1600, most: 4800 }
/** Of other files, which are read page by page: so many bytes, in base64, for one token. */
const FILE_BYTES_PER_TOKEN = 30

const ofBytes = (bytes: number): InputEstimate => ({ likely: Math.ceil(bytes / BYTES_PER_TOKEN), most: bytes })

const plus = (one: InputEstimate, other: InputEstimate): InputEstimate => ({
  likely: one.likely + other.likely,
  most: one.most + other.most,
})

const sizeOf = (value: unknown): number => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)))

/** What a chat takes in: its messages with everything in them, tools, and the form of the answer. */
export function estimateInput({ messages, tools, functions, response_format }: ChatRequest): InputEstimate {
  const others = ofBytes(sizeOf(tools) + sizeOf(functions) + sizeOf(response_format))
  return messages.map(ofMessage).reduce(plus, others)
}

/** What texts take in that have so many bytes together. */
export const estimateBytes = ofBytes

function ofMessage({ content, role: _role, ...rest }: ChatRequestMessage): InputEstimate {
  const parts = typeof content === 'string' ? [ofBytes(Buffer.byteLength(content))] : Array.isArray(content) ? content.map(ofPart) : []
  const beside = Object.keys(rest).length === 0 ? 0 : sizeOf(rest)
  return parts.reduce(plus, plus(ofBytes(beside), { likely: MESSAGE_TOKENS, most: MESSAGE_TOKENS }))
}

/** The base64 of pictures and files is no text, and is not counted as one. */
function ofPart(part: unknown): InputEstimate {
  const { type, text } = Object(part) as { type?: unknown; text?: unknown }
  if (typeof part === 'string' || typeof text === 'string')
    return ofBytes(Buffer.byteLength(typeof part === 'string' ? part : (text as string)))
  if (type === 'image_url' || type === 'input_image' || type === 'image') return PICTURE
  const bytes = sizeOf(part)
  return { likely: Math.max(PICTURE.likely, Math.ceil(bytes / FILE_BYTES_PER_TOKEN)), most: Math.max(PICTURE.most, bytes) }
}

/** The dearest a token can become that goes in: what a provider writes to its cache costs more. */
const dearest = ({ inputPrice, cacheWritePrice = null, ...rest }: Prices): Prices => ({
  ...rest,
  inputPrice: inputPrice === null ? null : Math.max(inputPrice, cacheWritePrice ?? 0),
  cacheReadPrice: null,
  cacheWritePrice: null,
})

/** Who is charged for a call, and at which prices; undefined where they are unknown, which only budgets in tokens allow. */
export interface Tariff {
  prices: Prices | undefined
  isOwnKey: boolean
}

/** What a call costs at most that takes in and gives out so many tokens. */
export function worstCase({ prices, isOwnKey }: Tariff, inputTokens: number, outputTokens: number): Amounts {
  const tokens = inputTokens + outputTokens
  const nanoUsd = prices ? (costOf(dearest(prices), { inputTokens, outputTokens }) ?? 0) : 0
  return { nanoUsd, tokens, planTokens: isOwnKey ? 0 : tokens, calls: isOwnKey ? 0 : 1 }
}

/** Whether one amount is within another, in all units. */
export const isWithin = (amounts: Amounts, limits: Amounts): boolean =>
  amounts.nanoUsd <= limits.nanoUsd &&
  amounts.tokens <= limits.tokens &&
  amounts.planTokens <= limits.planTokens &&
  amounts.calls <= limits.calls

/** The most tokens up to `wanted` a call can give out that stays within what is granted; -1 when even its input does not. */
export function affordableOutput(tariff: Tariff, inputTokens: number, granted: Amounts, wanted: number): number {
  if (isWithin(worstCase(tariff, inputTokens, wanted), granted)) return wanted
  // The cost rises with every token, by a price that need not be whole: it is looked for by halving.
  let [fits, exceeds] = [-1, wanted]
  while (exceeds - fits > 1) {
    const middle = fits + Math.floor((exceeds - fits) / 2)
    if (isWithin(worstCase(tariff, inputTokens, middle), granted)) fits = middle
    else exceeds = middle
  }
  return fits
}
