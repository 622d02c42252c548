/** What stands where a secret stood. */
export const REMOVED = '[removed]'

/** A shorter secret is no secret; taking it out would eat half of every text. */
const MIN_KNOWN = 4
/** Up to here a known secret may well be a word (`none`, `ollama`), and is taken out only where it stands by itself. */
const MAX_WORD = 7
/** A beginning or an end of a known secret that is longer than this says too much. */
const MAX_SHOWN = 8

/** Where something stands in a text: from `start` to before `end`. */
type Span = readonly [start: number, end: number]

/**
 * The text without secrets: `known` ones wherever they stand, and what has the form of a token of its own.
 *
 * A known secret of 4 characters or more is found as it is, URL-encoded, JSON-escaped and in base64 (of a `Basic` header
 * too), and also where only a beginning or an end of more than 8 characters is left of it. Without being known, keys
 * with the prefix of their maker, bearer tokens, JWTs, passwords in addresses and assignments, and random-looking runs of
 * 32 characters or more are found. Words, numbers, ids, UUIDs and names of models stay.
 *
 * Whoever shortens the text does so afterwards.
 *
 * @param known Is read once; another array is needed for other secrets.
 */
export function redactSecrets(text: string, known: readonly string[] = []): string {
  const { hint, secrets } = readKnown(known)
  const spans = hint?.test(text) ? secrets.flatMap((secret) => findKnown(text, secret)) : []
  if (!isPlainWord(text)) spans.push(...findTokens(text))
  return spans.length === 0 ? text : cutOut(text, spans)
}

function cutOut(text: string, spans: Span[]): string {
  let result = ''
  let at = 0
  let isOpen = false
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (end <= at) continue
    // Two that touch are one: nothing of either is left between them.
    if (start > at || !isOpen) result += text.slice(at, Math.max(at, start)) + REMOVED
    isOpen = true
    at = end
  }
  return result + text.slice(at)
}

/** Known secrets. */

/** A secret, and the ways in which it is written down; of one that may be a word only itself. */
interface Known {
  isWord: boolean
  forms: string[]
}

interface KnownList {
  secrets: Known[]
  /** Matches where one of them may be; undefined without any. Most lines of a log have none, and that is soon seen. */
  hint: RegExp | undefined
}

/** The same list comes again with every line of the log. */
const readLists = new WeakMap<readonly string[], KnownList>()

function readKnown(known: readonly string[]): KnownList {
  const read = readLists.get(known)
  if (read) return read
  const long = [...new Set(known)].filter(({ length }) => length >= MIN_KNOWN)
  const secrets = long.map((secret) => {
    const isWord = secret.length <= MAX_WORD
    return { isWord, forms: isWord ? [secret] : [...formsOf(secret)] }
  })
  const parts = new Set(secrets.flatMap(({ forms }) => forms.flatMap((form) => [beginningOf(form), endOf(form)])))
  const hint = parts.size > 0 ? new RegExp([...parts].map(literally).join('|')) : undefined
  const list = { secrets, hint }
  readLists.set(known, list)
  return list
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** The shortest beginning, and the shortest end, that are not shown. */
const beginningOf = (form: string): string => form.slice(0, MAX_SHOWN + 1)
const endOf = (form: string): string => form.slice(-MAX_SHOWN - 1)

const findKnown = (text: string, { isWord, forms }: Known): Span[] =>
  isWord ? findWords(text, forms[0]!) : forms.flatMap((form) => [...findBeginnings(text, form), ...findEnds(text, form)])

function findWords(text: string, word: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length
    if (!isWordLetter(text[at - 1]) && !isWordLetter(text[end])) spans.push([at, end])
  }
  return spans
}

const isWordLetter = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}]/u.test(letter)

/** The ways in which a secret is written down. */
function formsOf(secret: string): Set<string> {
  const escaped = JSON.stringify(secret).slice(1, -1)
  const encoded = encodeURIComponent(secret.toWellFormed())
  return new Set([
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    escaped.replaceAll('/', '\\/'),
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.replace(/%../g, (code) => code.toLowerCase()),
    ...inBase64(secret),
  ])
}

/**
 * What is the same in the base64 of every text that holds the secret, such as `user:secret`: by how far it stands from a
 * multiple of three, without the letters that depend on its neighbours.
 */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  return [0, 1, 2].flatMap((offset) => {
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor(((offset + bytes.length) * 8) / 6)
    const core = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(first, last)
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

function findBeginnings(text: string, form: string): Span[] {
  const beginning = beginningOf(form)
  const least = beginning.length
  const spans: Span[] = []
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    let length = least
    while (length < form.length && text[at + length] === form[length]) length += 1
    spans.push([at, at + length])
  }
  return spans
}

function findEnds(text: string, form: string): Span[] {
  const ending = endOf(form)
  const least = ending.length
  const spans: Span[] = []
  for (let at = text.indexOf(ending); at >= 0; at = text.indexOf(ending, at + 1)) {
    const end = at + least
    let length = least
    while (length < form.length && text[end - length - 1] === form.at(-length - 1)) length += 1
    spans.push([end - length, end])
  }
  return spans
}

/** Secrets by their form. The group `secret` is what is taken out, without one all of it. */
const tokenForms: RegExp[] = [
  // Prefixes that their makers chose so that they can be found, ours (`sk_`) among them.
  /(?<![A-Za-z0-9])(?:sk-[\w-]{6,}|(?:sk|pk|rk)_(?:live|test)_\w{4,}|sk_[A-Za-z0-9]{16,}|whsec_[\w+/=]{8,})/dg,
  /(?<![A-Za-z0-9])(?:gh[opsur]_\w{10,}|github_pat_\w{10,}|glpat-[\w-]{10,}|hf_[A-Za-z0-9]{10,}|gsk_[A-Za-z0-9]{10,})/dg,
  /(?<![A-Za-z0-9])(?:xox[a-z]-[\w-]{6,}|xapp-[\w-]{10,}|xai-[A-Za-z0-9]{16,}|pplx-[A-Za-z0-9]{16,}|nvapi-[\w-]{16,})/dg,
  /(?<![A-Za-z0-9])(?:AIza[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|SG\.[\w-]{10,}\.[\w-]{10,})/dg,
  /(?<![A-Za-z0-9])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/dg,
  // A header says that what follows is one, a scheme alone only where no word can be meant.
  /\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token|payment)\s+(?<secret>[^\s"',]{4,})/dgi,
  /\b[Bb]earer\s+(?<secret>(?=[\w.~+/=-]*[A-Za-z])(?=[\w.~+/=-]*\d|[\w.~+/=-]*[a-z][A-Z])[\w.~+/=-]{6,})/dg,
  /\b(?:set-)?cookie["']?\s*[:=]\s*["']?(?<secret>[^\s=;"']+=[^"'\r\n]*)/dgi,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:(?<secret>[^\s/@]+)@/dgi,
  /[?&](?:key|api_?key|(?:access_|refresh_)?token|sig(?:nature)?|secret|password)=(?<secret>[^&\s"'#]{4,})/dgi,
  /(?:api[-_ ]?key|password|passwd|secret|(?:access|refresh|auth)[-_]?token)=["']?(?<secret>[^\s"'&,;]{4,})/dgi,
  /(["'])[\w-]*(?:api[-_]?key|password|passwd|secret|(?:access|refresh|auth)[-_]?token)\1\s*:\s*(["'])(?<secret>[^"'\r\n]{4,})\2/dgi,
  /(?:api[-_ ]?key|password|secret)(?: provided)?["']?: ?["']?(?<secret>(?=[a-z_-]*\d)(?=[\d_-]*[a-z])[\w-]{8,})/dgi,
]

const basicScheme = /\bbasic\s+(?<secret>[\w+/-]{8,}={0,2})/dgi
const longRuns = /(?<![\w+=-])(?<!sha256:)[\w+=-]{32,}/dg
const longBase64 = /(?<![\w+/=])(?<!sha256:)[A-Za-z0-9+/]{32,}={0,2}(?![\w+/=])/dg

const namedToken = /(?:^|_)(?:sk|pk|rk|whsec|gh[opsur]|github|hf|gsk)_|AIza|AKIA|ASIA/

/** Ids, names and statuses, which most fields of a log line are: too short and too plain for any form of a token. */
const isPlainWord = (text: string): boolean => /^[\w.]{0,31}$/.test(text) && !namedToken.test(text) && !/eyJ|SG\./.test(text)

function findTokens(text: string): Span[] {
  return [
    ...tokenForms.flatMap((form) => findForm(text, form)),
    ...findForm(text, basicScheme, isUserAndPassword),
    ...findForm(text, longRuns, isRandom),
    ...findForm(text, longBase64, isRandom),
  ]
}

function findForm(text: string, form: RegExp, isSecret: (found: string) => boolean = () => true): Span[] {
  return [...text.matchAll(form)].flatMap(({ indices }) => {
    const span = indices!.groups?.secret ?? indices![0]!
    const found = text.slice(...span)
    return !isWhole(found) && isSecret(found) ? [span] : []
  })
}

/** Whether that is what an earlier redaction or a document put where a secret would be. */
const isWhole = (found: string): boolean => /^(?:\[removed\]|<.*>|\$\{.*\}|\*+|\.{3}|…)$/.test(found)

const isUserAndPassword = (found: string): boolean => /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(found, 'base64').toString('latin1'))

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const address = /^0x[0-9a-f]{40}$/i
const typeId = /^[a-z]+_[0-9a-hjkmnp-tv-z]{26}$/

/**
 * Whether a long run of letters looks drawn by lot. Names are made of words: half of their letters and more are in runs of
 * four of one case; in hex and base64 few are.
 */
function isRandom(run: string): boolean {
  if (uuid.test(run) || address.test(run) || typeId.test(run)) return false
  const letters = run.replace(/[^A-Za-z0-9]/g, '')
  if (letters.length < 32 - 4 || !/\d/.test(letters) || !/[A-Za-z]/.test(letters)) return false
  const inWords = run.match(/[a-z]{4,}|[A-Z]{4,}/g)?.join('').length ?? 0
  const inNumbers = run.match(/(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])/g)?.join('').length ?? 0
  return inWords + inNumbers < letters.length / 2
}
