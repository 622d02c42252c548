import fc from 'fast-check'
import { exampleIds } from '../../server/platform/operations/example-ids.ts'
import type { AttackedServer } from './attacked-server.ts'

// What both fuzzes have in common: how long they go on, what they send that nobody should, and how an answer is judged.

/** How long a fuzz goes on without FUZZ_SECONDS: as long as CI has for it. */
const CI_SECONDS = 75
/** Requests of one operation before it is the next one's turn. */
const REQUESTS_PER_ROUND = 5
const MAX_AT_ONCE = 6
/** An answer that takes longer counts as none. */
const MAX_ANSWER_MS = 20_000
/** Faults that are told; more would say no more. */
const MAX_FAULTS = 20
/** What a server may keep for good once its caches are filled, in MB. */
const MAX_KEPT_MB = 48
/** Most by which its resident memory may grow while it is at work, the database's included, in MB. */
const MAX_GROWTH_MB = 400
/** Part of the time in which caches are filled; what is kept is measured from then on. */
const WARM_PART = 0.4

/** Another one each time, so that every run tries something new; FUZZ_SEED does a run again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** The one operation whose contract says 500 of what is not set up, with the code that says so. */
const isDocumented500 = (name: string, text: string): boolean =>
  name === 'createCdpWallet' && text.includes('"code":"WALLET_PROVIDER_NOT_CONFIGURED"')

const seconds = Number(process.env.FUZZ_SECONDS ?? CI_SECONDS)

/** For the test that runs a fuzz, in milliseconds. */
export const fuzzTimeout = (seconds + 120) * 1000

/** What takes away what others ask for comes last in a round. */
const ENDS = /delete|remove|signOut|leave|reset|stop|revoke|suspend|changePassword/i

/** Whose credential a request comes with. */
export type Credential = 'key' | 'cookie' | 'unknown' | 'none'

/** Mostly good ones: what is refused at the door tries little. */
export const credentials = fc.constantFrom<Credential>('key', 'key', 'key', 'cookie', 'cookie', 'unknown', 'none')

/** One request, and what is told of it when it is answered badly. */
export interface FuzzedRequest {
  /** The operation it was made for. */
  name: string
  method: string
  path: string
  credential: Credential
  /** Text of JSON, or nearly. */
  body?: string | undefined
  accept?: string
}

/** What nobody should send, and somebody will. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    '../../../etc/passwd',
    "' or 1=1 --",
    '%00',
    '1e400',
    '👩‍🚀',
    'x'.repeat(10_000),
    -1,
    -0,
    0.1,
    2 ** 31,
    2 ** 53,
    1e308,
    true,
    [],
    {},
    [[[[[]]]]],
    JSON.parse('{"__proto__":{"a":1},"constructor":"b"}'),
    JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`),
    '9999-99-99T99:99:99Z',
    'sk_unknown',
    'https://169.254.169.254/latest/meta-data',
  ),
)

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** A good value with one thing in it that is not: replaced, left out or added. */
export const spoiled = (good: unknown): fc.Arbitrary<unknown> =>
  fc.constantFrom(...placesIn(good as Json)).chain((place) =>
    fc.oneof(
      { weight: 4, arbitrary: hostile.map((value) => changed(good as Json, place, value as Json)) },
      { weight: 1, arbitrary: fc.constant(changed(good as Json, place, undefined)) },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.string(), hostile).map(([name, value]) => changed(good as Json, [...place, name], value as Json)),
      },
    ),
  )

function placesIn(value: Json, place: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [place]
  return [place, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...place, name]))]
}

function changed(value: Json, [name, ...rest]: string[], to: Json | undefined): Json | undefined {
  if (name === undefined) return to
  if (typeof value !== 'object' || value === null) return { [name]: to ?? null }
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, Json | undefined>
  const inner = rest.length === 0 ? to : changed((copy[name] ?? null) as Json, rest, to)
  if (inner === undefined) delete copy[name]
  else copy[name] = inner
  return copy as Json
}

/**
 * Sends whatever was made up to a server, under watch, and says what is wrong with how it behaves. First for as long as
 * caches take to fill; what it keeps is measured from then on.
 *
 * @returns nothing where all is well, else how to do it again and what was wrong.
 */
export async function fuzz(
  server: AttackedServer,
  targets: readonly fc.Arbitrary<FuzzedRequest>[],
  isFine: (answer: { status: number; text: string }, request: FuzzedRequest) => boolean,
): Promise<string[]> {
  say(`FUZZ_SEED=${seed} FUZZ_SECONDS=${seconds}`)
  const faults: string[] = []
  let round = 0
  let sent = 0

  const send = async (request: FuzzedRequest, { ids, headers }: Attacker) => {
    const { name, method, credential, accept } = request
    const [path, body] = [withIds(request.path, ids), request.body && withIds(request.body, ids)]
    const told = `${name} (${credential}): ${method} ${path.slice(0, 500)} ${body?.slice(0, 1000) ?? ''}`
    try {
      const response = await fetch(server.url + path, {
        method,
        headers: {
          ...headers[credential],
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(accept ? { accept } : {}),
        },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(MAX_ANSWER_MS),
      })
      const text = await readAll(response)
      const isTold = hasStack(text) && !hasStack(body ?? '')
      if ((response.status === 500 && !isDocumented500(name, text)) || isTold || !isFine({ status: response.status, text }, request))
        faults.push(`${told} -> ${response.status} ${text.slice(0, 500)}`)
    } catch (error) {
      faults.push(`${told} -> no answer: ${String(error)}`)
    }
    sent += 1
  }

  const goOn = async (ms: number) => {
    const began = performance.now()
    const isOver = () => performance.now() - began > ms || faults.length >= MAX_FAULTS
    for (; !isOver(); round++) {
      const attacker = await newAttacker(server)
      const requests = targets.flatMap((made, index) =>
        fc.sample(made, { seed: seed + round * targets.length + index, numRuns: REQUESTS_PER_ROUND }),
      )
      const left = [...requests.filter(({ name }) => !ENDS.test(name)), ...requests.filter(({ name }) => ENDS.test(name))].values()
      const work = async () => {
        for (const request of left) {
          if (isOver()) return
          await send(request, attacker)
        }
      }
      await Promise.all(Array.from({ length: MAX_AT_ONCE }, work))
    }
  }

  await server.underWatch({ maxGrowthMb: MAX_GROWTH_MB }, () => goOn(seconds * 1000 * WARM_PART))
  const warmMb = await server.heapMb()
  await server.underWatch({ maxGrowthMb: MAX_GROWTH_MB }, () => goOn(seconds * 1000 * (1 - WARM_PART)))
  const keptMb = (await server.heapMb()) - warmMb
  say(
    `${sent} requests, ${Math.round(sent / targets.length)} of each of ${targets.length} operations; ` +
      `kept ${keptMb.toFixed(1)} MB since the caches were full (${warmMb.toFixed(0)} MB then)`,
  )
  if (keptMb > MAX_KEPT_MB) faults.push(`the server keeps ${keptMb.toFixed(1)} MB more than before`)
  return faults.length > 0 ? [`again with FUZZ_SEED=${seed} FUZZ_SECONDS=${seconds}`, ...faults] : []
}

const say = (what: string) => process.stdout.write(`fuzz: ${what}\n`)

/** Frames of a stack, and paths of the server's own files. */
const hasStack = (text: string): boolean => /\n\s+at \S+ \(|\\n\s+at |node_modules|file:\/\/\/|node:internal/.test(text)

/** The whole answer; of one that goes on until the caller leaves, what comes until it says that it is ready. */
async function readAll(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) return response.text()
  let text = ''
  for await (const chunk of response.body.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  ) as unknown as AsyncIterable<string>) {
    text += chunk
    if (/ready.*\n/i.test(text)) break
  }
  return text
}

/** Who sends the requests of a round: credentials, and rows by the ids examples call them. */
interface Attacker {
  headers: Record<Credential, Record<string, string>>
  ids: [string, string][]
}

/** Another one for each round: what is sent signs people out, and deletes what they have. */
async function newAttacker(server: AttackedServer): Promise<Attacker> {
  const { key, cookie } = await server.createAccount()
  const post = async <T>(path: string, body: object) => (await server.call('POST', path, { key, body })).body as T
  const { agent } = await post<{ agent: { id: string } }>('/api/agents/provision', { name: 'Harbour Desk', model: 'local/commands' })
  const answered = await post<{ sessionId: string; id: string }>('/api/chat', { agentId: agent.id, message: 'help' })
  const { file } = await post<{ file: { id: string } }>('/api/files', { agentId: agent.id, filename: 'tides.txt', content: 'aG91cg==' })
  const task = { name: 'Berths', cronSchedule: '0 0 1 1 *', prompt: 'help', agentId: agent.id }
  const { id: taskId } = await post<{ id: string }>('/api/scheduled-tasks', task)
  return {
    headers: { key: { authorization: `Bearer ${key}` }, cookie: { cookie }, unknown: { authorization: 'Bearer sk_unknown' }, none: {} },
    ids: [
      [exampleIds.agent, agent.id],
      [exampleIds.session, answered.sessionId],
      [exampleIds.unansweredMessage, answered.id],
      [exampleIds.file, file.id],
      [exampleIds.task, taskId],
    ],
  }
}

const withIds = (text: string, ids: Attacker['ids']): string => ids.reduce((sofar, [shown, id]) => sofar.replaceAll(shown, id), text)
