import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// An OpenAI-compatible provider that answers after DELAY_MS, always the same, so that only what others add
// is measured. A streamed answer has CHUNKS pieces, each carrying the time it was sent, CHUNK_MS apart.
const delayMs = Number(process.env.DELAY_MS ?? 0)
const chunkMs = Number(process.env.CHUNK_MS ?? 0)
const chunks = Number(process.env.CHUNKS ?? 1)

const head = (object: string) => ({ id: 'c', object, created: 1_700_000_000, model: 'instant' })
const usage = { prompt_tokens: 12, completion_tokens: 11, total_tokens: 23 }
const whole = JSON.stringify({
  ...head('chat.completion'),
  choices: [{ index: 0, message: { role: 'assistant', content: 'Bowline, clove hitch, figure eight.' }, finish_reason: 'stop' }],
  usage,
})
const event = (delta: unknown, finish: string | null = null) =>
  `data: ${JSON.stringify({ ...head('chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const lastEvents = `${event({}, 'stop')}data: ${JSON.stringify({ ...head('chat.completion.chunk'), choices: [], usage })}\n\ndata: [DONE]\n\n`

const wait = (ms: number) => (ms > 0 ? new Promise((done) => setTimeout(done, ms)) : undefined)

const server = createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  if (request.url?.endsWith('/models'))
    return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":[{"id":"instant"}]}')
  await wait(delayMs)
  if (!body.includes('"stream":true')) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let count = 0; count < chunks; count++) {
    if (count > 0) await wait(chunkMs)
    response.write(event({ content: `at ${performance.timeOrigin + performance.now()} ` }))
  }
  response.end(lastEvents)
})
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.on('SIGTERM', () => process.exit(0))
