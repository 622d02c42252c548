import type { HostedProvider } from './providers.ts'

/** US dollars per million tokens; null when unknown. */
export interface ModelPrices {
  inputPrice: number | null
  outputPrice: number | null
  /** Of tokens a provider read from its cache. */
  cacheReadPrice: number | null
  /** Of tokens a provider wrote to its cache. */
  cacheWritePrice: number | null
}

/** What is known of a model, whoever says so. */
export interface ModelFacts extends ModelPrices {
  /** The provider's own name of it. */
  name: string
  title: string
  description: string
  /** What it is good for; `modelTags` says which there are. */
  tags: string[]
  /** Tokens; null when unknown. */
  contextWindow: number | null
  kind: 'chat' | 'embedding'
  /** When it came out, in Unix seconds, where the provider says so. */
  createdAt?: number
}

type Row = [
  name: string,
  title: string,
  inputPrice: number,
  outputPrice: number,
  contextWindow: number,
  tags: string[],
  description: string,
]

const toFacts = ([name, title, inputPrice, outputPrice, contextWindow, tags, description]: Row): ModelFacts => ({
  name,
  title,
  description,
  tags,
  inputPrice,
  outputPrice,
  ...cachePrices(name, inputPrice),
  contextWindow,
  kind: tags.includes('embedding') ? 'embedding' : 'chat',
})

/** What the vendors ask for a token from their cache; writing it there costs nothing more. */
const cacheReads: Record<string, number> = {
  'gpt-4o-mini': 0.075,
  'gpt-4o': 1.25,
  'gpt-4.1-mini': 0.1,
  'gpt-4.1': 0.5,
  'gemini-2.0-flash': 0.025,
  'gemini-2.5-flash': 0.03,
}

/** Anthropic charges for both, as shares of the input price: what is kept for five minutes. */
const ANTHROPIC_CACHE = { read: 0.1, write: 1.25 }

function cachePrices(name: string, inputPrice: number): Pick<ModelPrices, 'cacheReadPrice' | 'cacheWritePrice'> {
  const ownName = name.slice(name.indexOf('/') + 1)
  if (!ownName.startsWith('claude-')) return { cacheReadPrice: cacheReads[ownName] ?? null, cacheWritePrice: null }
  const share = (part: number) => Math.round(inputPrice * part * 1e6) / 1e6
  return { cacheReadPrice: share(ANTHROPIC_CACHE.read), cacheWritePrice: share(ANTHROPIC_CACHE.write) }
}

// The vendors' list prices for short prompts, from their price pages. They publish them nowhere a program could
// read them, except through OpenRouter, whose list wins over this table; so does MODEL_PRICES.
const openai: Row[] = [
  ['gpt-4o-mini', 'GPT-4o mini', 0.15, 0.6, 128_000, ['general', 'balanced', 'fast'], 'Small and quick; good for everyday answers.'],
  ['gpt-4o', 'GPT-4o', 2.5, 10, 128_000, ['general', 'creative', 'analysis', 'vision'], 'All-rounder that also sees pictures.'],
  ['gpt-4.1-mini', 'GPT-4.1 mini', 0.4, 1.6, 1_047_576, ['coding', 'long-context', 'fast'], 'Follows instructions over long texts.'],
  ['gpt-4.1', 'GPT-4.1', 2, 8, 1_047_576, ['coding', 'logic', 'long-context'], 'Strong at code and long documents.'],
  ['gpt-4-turbo', 'GPT-4 Turbo', 10, 30, 128_000, ['analysis', 'logic'], 'Earlier large model.'],
  ['text-embedding-3-small', 'Text embedding 3 small', 0.02, 0, 8191, ['embedding'], 'Vectors of 1536 numbers.'],
  ['text-embedding-3-large', 'Text embedding 3 large', 0.13, 0, 8191, ['embedding'], 'Vectors of 3072 numbers.'],
]

const anthropic: Row[] = [
  ['claude-haiku-4-5', 'Claude Haiku 4.5', 1, 5, 200_000, ['general', 'balanced', 'fast'], 'The quick one of its family.'],
  ['claude-sonnet-4-5', 'Claude Sonnet 4.5', 3, 15, 200_000, ['coding', 'logic', 'analysis', 'creative'], 'Strong at code and at agents.'],
  ['claude-opus-4-6', 'Claude Opus 4.6', 5, 25, 200_000, ['coding', 'logic', 'analysis', 'creative'], 'The large one of its family.'],
]

const google: Row[] = [
  [
    'gemini-2.0-flash',
    'Gemini 2.0 Flash',
    0.1,
    0.4,
    1_048_576,
    ['general', 'balanced', 'fast', 'long-context'],
    'Quick, with a long context.',
  ],
  [
    'gemini-2.5-flash',
    'Gemini 2.5 Flash',
    0.3,
    2.5,
    1_048_576,
    ['general', 'balanced', 'long-context'],
    'Thinks briefly before it answers.',
  ],
  [
    'gemini-2.5-pro',
    'Gemini 2.5 Pro',
    1.25,
    10,
    1_048_576,
    ['analysis', 'coding', 'logic', 'long-context'],
    'Strong at reasoning over long texts.',
  ],
]

const groq: Row[] = [
  ['llama-3.3-70b-versatile', 'Llama 3.3 70B', 0.59, 0.79, 131_072, ['general', 'balanced', 'fast'], 'Open model, served very fast.'],
  ['llama-3.1-8b-instant', 'Llama 3.1 8B', 0.05, 0.08, 131_072, ['general', 'fast'], 'Small open model, served very fast.'],
]

/** OpenRouter's names: the vendor in front, versions with a dot. It charges the vendors' prices. */
const openrouter: Row[] = [
  ...openai.map((row): Row => [`openai/${row[0]}`, ...(row.slice(1) as SkipFirst<Row>)]),
  ...anthropic.map((row): Row => [`anthropic/${row[0].replace(/-(\d)-(\d)$/, '-$1.$2')}`, ...(row.slice(1) as SkipFirst<Row>)]),
  ...google.map((row): Row => [`google/${row[0]}`, ...(row.slice(1) as SkipFirst<Row>)]),
]

type SkipFirst<T> = T extends [unknown, ...infer Rest] ? Rest : never

/** What is known of the models everybody asks for. It completes what providers publish, and is no list of what they have. */
export const knownModels: Record<HostedProvider, ModelFacts[]> = {
  openrouter: openrouter.map(toFacts),
  openai: openai.map(toFacts),
  anthropic: anthropic.map(toFacts),
  google: google.map(toFacts),
  groq: groq.map(toFacts),
}
