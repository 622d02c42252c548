import { cutText } from '#server/platform/core/index.ts'
import { UnusableAnswer } from '../wires/index.ts'

/** What was asked for, to hold an answer against. */
interface Asked {
  /** The provider's name of the model. */
  model: string
  texts: number
  dimensions?: number | undefined
}

/**
 * The vectors of an answer in the order of their texts, and how many tokens it says it read; null where it does not say.
 * A vector that is not there, or of which nobody knows whose it is, would be taken for another text's for ever.
 *
 * @throws UnusableAnswer unless there is one vector for each text, all of one length and of the model that was asked for.
 */
export function readEmbeddings(answer: unknown, asked: Asked): { vectors: number[][]; inputTokens: number | null } {
  const { data, usage, model } = Object(answer) as { data?: unknown; usage?: unknown; model?: unknown }
  if (!Array.isArray(data)) throw new UnusableAnswer('sent an answer without vectors')
  if (data.length !== asked.texts) throw new UnusableAnswer(`sent ${data.length} vectors for ${asked.texts} texts`)
  if (typeof model === 'string' && isAnother(model, asked.model))
    throw new UnusableAnswer(`answered with the model "${cutText(model, 100)}"`)
  const vectors = inOrder(data)
  const length = asked.dimensions ?? vectors[0]!.length
  if (vectors.some((vector) => vector.length !== length)) throw new UnusableAnswer('sent vectors of another length')
  return { vectors, inputTokens: readTokens(usage) }
}

function inOrder(data: unknown[]): number[][] {
  const vectors: number[][] = []
  for (const [position, item] of data.entries()) {
    const { index, embedding } = Object(item) as { index?: unknown; embedding?: unknown }
    const place = index ?? position
    if (!Number.isInteger(place) || (place as number) < 0 || (place as number) >= data.length || vectors[place as number])
      throw new UnusableAnswer('sent vectors of which it is not clear whose they are')
    vectors[place as number] = readVector(embedding)
  }
  return vectors
}

/** Numbers, or 32-bit floats in base64, which some send whatever they are asked for. */
function readVector(embedding: unknown): number[] {
  const vector = typeof embedding === 'string' ? fromBase64(embedding) : embedding
  if (!Array.isArray(vector) || vector.length === 0 || !vector.every(Number.isFinite))
    throw new UnusableAnswer('sent a vector that is none')
  return vector as number[]
}

function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length % 4 !== 0) return []
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}

/** The count for what was sent, else the one for all, which for vectors is the same. */
function readTokens(usage: unknown): number | null {
  const { prompt_tokens, total_tokens } = Object(usage) as { prompt_tokens?: unknown; total_tokens?: unknown }
  return (
    ([prompt_tokens, total_tokens].find((count) => Number.isSafeInteger(count) && (count as number) >= 0) as number | undefined) ?? null
  )
}

/** Providers add versions, and leave vendors out: only names that have nothing of each other are another model's. */
function isAnother(answered: string, asked: string): boolean {
  const [one, other] = [plain(answered), plain(asked)]
  return one !== '' && !one.includes(other) && !other.includes(one)
}

const plain = (name: string): string =>
  name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
