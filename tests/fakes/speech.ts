import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Gate } from './openai.ts'

/** One answer, in the order the requests arrive. Without one it does what was asked. */
export type SpeechBehaviour =
  | { kind: 'status'; status: number; message?: string }
  /** An answer with the status 200 that is neither sound nor JSON. */
  | { kind: 'garbage' }
  /** Nothing at all until `gate.open()`. */
  | { kind: 'hang'; gate: Gate }
  | { kind: 'transcript'; text: string; usage?: Record<string, unknown> | null }
  /** That, as JSON, with the status 200. */
  | { kind: 'json'; body: object }

export interface SpeechRequest {
  path: string
  authorization: string | undefined
  /** The JSON body, or the fields of the form; `file` says what kind of file and how many bytes. */
  fields: Record<string, unknown>
  /** Settles when the client went away before the end of the answer. */
  disconnected: Promise<void>
}

export interface FakeSpeech {
  /** Base URL, ending in `/v1`. */
  url: string
  requests: SpeechRequest[]
  script(...behaviours: SpeechBehaviour[]): void
  /** Resolves with the request of that index (0 is the first), once it has arrived. */
  request(index: number): Promise<SpeechRequest>
  close(): Promise<void>
}

/** What it answers to `audio/speech`: the start of an MP3. */
export const fakeMp3 = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413, 7)])

/**
 * The two sound calls of the OpenAI API on a free port of 127.0.0.1: `POST /v1/audio/speech` and
 * `POST /v1/audio/transcriptions`. It refuses malformed requests as the real one does.
 */
export async function startFakeSpeech(apiKey: string): Promise<FakeSpeech> {
  const queue: SpeechBehaviour[] = []
  const requests: SpeechRequest[] = []
  const arrivals: { index: number; resolve: (request: SpeechRequest) => void }[] = []

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const disconnected = new Promise<void>((resolve) => res.once('close', () => !res.writableFinished && resolve()))
    const body = await readBytes(req)
    const { url: path = '', method } = req
    const { authorization, 'content-type': type = '' } = req.headers
    if (authorization !== `Bearer ${apiKey}`) return refuse(res, 401, 'Incorrect API key provided.')
    if (method !== 'POST') return refuse(res, 405, `Not allowed to ${method} on ${path}`)
    const read = path === '/v1/audio/speech' ? readSpeech : path === '/v1/audio/transcriptions' ? readTranscription : undefined
    if (!read) return refuse(res, 404, `Invalid URL (${method} ${path})`)
    const { fields, problem } = await read(type, body)
    const index = requests.push({ path, authorization, fields, disconnected }) - 1
    for (const arrival of arrivals) if (arrival.index === index) arrival.resolve(requests[index]!)
    if (problem) return refuse(res, 400, problem)
    await answer(res, read === readSpeech, fields, queue.shift())
  }

  const server = createServer((req, res) => void handle(req, res).catch((error: Error) => res.destroy(error)))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script: (...behaviours) => void queue.push(...behaviours),
    request: (index) => (requests[index] ? Promise.resolve(requests[index]) : new Promise((resolve) => arrivals.push({ index, resolve }))),
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function answer(
  res: ServerResponse,
  isSpeech: boolean,
  fields: Record<string, unknown>,
  behaviour: SpeechBehaviour | undefined,
): Promise<void> {
  if (behaviour?.kind === 'status') return refuse(res, behaviour.status, behaviour.message ?? `Scripted ${behaviour.status}`)
  if (behaviour?.kind === 'garbage') return send(res, isSpeech ? 'audio/mpeg' : 'application/json', '<html>not what you asked for</html>')
  if (behaviour?.kind === 'json') return send(res, 'application/json', JSON.stringify(behaviour.body))
  if (behaviour?.kind === 'hang') await behaviour.gate.pass()
  if (isSpeech) return send(res, 'audio/mpeg', fakeMp3)
  const { text, usage } = behaviour?.kind === 'transcript' ? behaviour : { text: `Heard ${JSON.stringify(fields.file)}.`, usage: undefined }
  return send(res, 'application/json', JSON.stringify({ text, ...(usage === undefined ? {} : { usage }) }))
}

interface ReadRequest {
  fields: Record<string, unknown>
  /** What is wrong with it, in the words the real server would use. */
  problem?: string
}

const speechFields = z.strictObject({
  model: z.string().min(1),
  input: z.string().min(1).max(4096),
  voice: z.enum(['alloy', 'ash', 'ballad', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer', 'verse']),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).optional(),
  speed: z.number().min(0.25).max(4).optional(),
  instructions: z.string().optional(),
})

async function readSpeech(type: string, body: Buffer): Promise<ReadRequest> {
  if (!type.startsWith('application/json')) return { fields: {}, problem: 'Content-Type must be application/json.' }
  const fields = JSON.parse(body.toString()) as Record<string, unknown>
  const parsed = speechFields.safeParse(fields)
  return parsed.success ? { fields } : { fields, problem: explain(parsed.error) }
}

/** How files of each ending begin; the real server decodes them. */
const signatures: Record<string, (bytes: Buffer) => boolean> = {
  wav: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE',
  mp3: (bytes) => bytes.toString('latin1', 0, 3) === 'ID3' || bytes[0] === 0xff,
  ogg: (bytes) => bytes.toString('latin1', 0, 4) === 'OggS',
  webm: (bytes) => bytes.readUInt32BE() === 0x1a45dfa3,
  m4a: (bytes) => bytes.toString('latin1', 4, 8) === 'ftyp',
  flac: (bytes) => bytes.toString('latin1', 0, 4) === 'fLaC',
}

const transcriptionFields = z.strictObject({
  model: z.string().min(1),
  file: z.instanceof(File),
  response_format: z.enum(['json', 'text', 'srt', 'verbose_json', 'vtt']).optional(),
  language: z.string().optional(),
  prompt: z.string().optional(),
  temperature: z.coerce.number().min(0).max(1).optional(),
})

async function readTranscription(type: string, body: Buffer): Promise<ReadRequest> {
  if (!type.startsWith('multipart/form-data')) return { fields: {}, problem: 'Content-Type must be multipart/form-data.' }
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => undefined)
  if (!form) return { fields: {}, problem: 'Could not parse multipart form' }
  const entries = [...form.entries()]
  const given = Object.fromEntries(entries)
  if (Object.keys(given).length !== entries.length) return { fields: {}, problem: 'A field was sent twice.' }
  const parsed = transcriptionFields.safeParse(given)
  if (!parsed.success) return { fields: given, problem: explain(parsed.error) }
  const { file, ...fields } = parsed.data
  const [, ending = ''] = /\.(\w+)$/.exec(file.name) ?? []
  const isIt = signatures[ending]
  const described = { ...fields, file: { name: file.name, type: file.type, bytes: file.size } }
  if (!isIt) return { fields: described, problem: `Invalid file format. Supported formats: ${Object.keys(signatures).join(', ')}` }
  if (!isIt(Buffer.from(await file.arrayBuffer()))) return { fields: described, problem: 'Audio file might be corrupted or unsupported' }
  return { fields: described }
}

const explain = ({ issues }: z.ZodError): string => `Invalid value for '${issues[0]?.path.join('.')}': ${issues[0]?.message}`

const refuse = (res: ServerResponse, status: number, message: string): void => {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify({ error: { message, type: status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code: null } }))
}

function send(res: ServerResponse, type: string, body: string | Buffer): void {
  res.writeHead(200, { 'content-type': type })
  res.end(body)
}

async function readBytes(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
