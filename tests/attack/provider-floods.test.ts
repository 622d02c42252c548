import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHostileProvider, type Attack, type HostileProvider } from '../fakes/hostile-provider.ts'
import { startAttackedServer, type AttackedServer } from './attacked-server.ts'

/** Shorter than a stream waits with its headers, so that each answer has a status of its own. */
const MODEL_TIMEOUT_SECONDS = 8

let provider: HostileProvider
let server: AttackedServer
let key: string

beforeAll(async () => {
  provider = await startHostileProvider()
  server = await startAttackedServer({
    OPENAI_COMPATIBLE_BASE_URL: provider.url,
    ANTHROPIC_BASE_URL: provider.url,
    ANTHROPIC_API_KEY: 'any',
    MODEL_TIMEOUT_SECONDS: String(MODEL_TIMEOUT_SECONDS),
    RATE_LIMIT_SCALE: '1000',
  })
  ;({ key } = await server.createAccount())
})

afterAll(async () => {
  await server.close()
  await provider.close()
})

const attacks: Attack[] = [
  'endless-line',
  'endless-lines-of-one-event',
  'endless-comments',
  'endless-silence',
  'endless-answer',
  'endless-structure',
  'endless-headers',
  'huge-error',
  'gzip-bomb',
  'gzip-bomb-of-events',
  'slow-drip',
]

test.each(attacks)('a provider that attacks with %s is given up in time, and memory stays flat', async (attack) => {
  const ask = (model: string, stream: boolean) =>
    server.call('POST', '/v1/chat/completions', { key, body: { model, stream, messages: [{ role: 'user', content: 'x' }] } })
  await server.underWatch({ maxGrowthMb: 200 }, async () => {
    const answers = await Promise.all(
      ['compatible', 'anthropic'].flatMap((prefix) => [ask(`${prefix}/${attack}`, false), ask(`${prefix}/${attack}`, true)]),
    )
    for (const answer of answers) expect(answer).toMatchObject({ status: 502, body: { error: { type: 'server_error' } } })
  })
})

test('a provider that never stops talking is cut off, however fast it is read', async () => {
  await server.underWatch({ maxGrowthMb: 200 }, async () => {
    const body = { model: 'compatible/endless-words', stream: true, messages: [{ role: 'user', content: 'x' }] }
    const { status, body: text } = await server.call('POST', '/v1/chat/completions', { key, body })
    expect(status).toBe(200)
    expect(String(text).slice(-500)).toMatch(/is too large|did not finish within/)
  })
})
