import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactSecrets } from './redaction.ts'

const keyLetters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~+/=%:"\\ $&']
const anyKey = fc.string({ unit: fc.constantFrom(...keyLetters), minLength: 8, maxLength: 200 })
const anyText = fc.string({ unit: 'grapheme', maxLength: 80 })

/** How a provider, a proxy or a library may write a key that it was given. */
const writings: ((key: string) => string)[] = [
  (key) => key,
  (key) => encodeURIComponent(key),
  (key) => encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
  (key) => JSON.stringify({ key }),
  (key) => JSON.stringify(JSON.stringify({ key })),
  (key) => `Basic ${Buffer.from(`:${key}`).toString('base64')}`,
  (key) => `Basic ${Buffer.from(`me:${key}`).toString('base64')}`,
  (key) => Buffer.from(key).toString('base64url'),
]

describe('a known secret', () => {
  test('never survives in any text at any place, however it is written', () => {
    fc.assert(
      fc.property(anyKey, anyText, anyText, fc.constantFrom(...writings), (key, before, after, write) => {
        const redacted = redactSecrets(before + write(key) + after, ['other-key-1', key])
        for (const written of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]) expect(redacted).not.toContain(written)
        expect(redacted).not.toContain(Buffer.from(key).toString('base64url').slice(4, 12))
      }),
      { numRuns: 2000 },
    )
  })

  test('is not left with more than eight letters of its beginning or end', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(), (key, seed) => {
        const length = 9 + (seed % Math.max(1, key.length - 8))
        fc.pre(length <= key.length)
        expect(redactSecrets(`x ${key.slice(0, length)}`, [key])).not.toContain(key.slice(0, 9))
        expect(redactSecrets(`${key.slice(-length)} x`, [key])).not.toContain(key.slice(-9))
      }),
    )
  })

  test('takes nothing with it', () => {
    fc.assert(
      fc.property(fc.constantFrom('hunter2hunter2', 'p@ss w0rd/1', 'abc'.repeat(60)), (key) => {
        expect(redactSecrets(`Incorrect API key provided: ${key}. You can find it.`, [key])).toBe(
          'Incorrect API key provided: [removed]. You can find it.',
        )
      }),
    )
  })

  test('that is a short word is taken out where it stands alone', () => {
    expect(redactSecrets('The key none is nonsense: "none"', ['none'])).toBe('The key [removed] is nonsense: "[removed]"')
    expect(redactSecrets('abc', ['abc', ''])).toBe('abc')
  })

  test('is taken out with another that overlaps it', () => {
    expect(redactSecrets('<abcdefghijklmnop>', ['abcdefghijkl', 'ghijklmnop'])).toBe('<[removed]>')
  })
})

const hex = '4f1d8a07c2be93564f1d8a07c2be9356'
test.each([
  'sk-proj-abcDEF123_x',
  'sk-ant-api03-Zm9vYmFy',
  `sk_${'a1B2c3D4'.repeat(5)}`,
  'sk_live_51H8xyz',
  'whsec_MfKQ9r8GKYqrTwjU',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'xoxb-1234-abcdef',
  'AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY',
  'gsk_aaaaBBBBcccc1111',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dGVzdA',
  hex,
  'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg+/k7Qw2x==',
])('what looks like a secret is taken out unknown: %s', (token) => {
  expect(redactSecrets(`The key ${token} is wrong.`)).toBe('The key [removed] is wrong.')
  expect(redactSecrets(`{"got":"${token}"}`)).toBe('{"got":"[removed]"}')
})

test.each([
  ['Authorization: Bearer hunter', 'Authorization: Bearer [removed]'],
  ['{"authorization":"Basic Zm9v"}', '{"authorization":"Basic [removed]"}'],
  ['got Bearer abc123def', 'got Bearer [removed]'],
  ['Basic dXNlcjpodW50ZXIy failed', 'Basic [removed] failed'],
  ['Cookie: session=abc; theme=dark', 'Cookie: [removed]'],
  ['postgres://me:hunter2@db:5432/x', 'postgres://me:[removed]@db:5432/x'],
  ['GET /v1beta/models?key=abcdef&x=1', 'GET /v1beta/models?key=[removed]&x=1'],
  ['password=hunter2 was refused', 'password=[removed] was refused'],
  ['{"password": "hunter two"}', '{"password": "[removed]"}'],
  ['Incorrect API key provided: abcd1234.', 'Incorrect API key provided: [removed].'],
])('%s is logged as %s', (text, redacted) => {
  expect(redactSecrets(text)).toBe(redacted)
  expect(redactSecrets(redacted)).toBe(redacted)
})

test.each([
  'API key not valid. Please pass a valid API key.',
  'The token limit is 128000 tokens; reached the token limit before it said anything',
  'key: value',
  'A bearer 128000 long',
  'secret: required with DATABASE_URL (32 characters or more)',
  'STRIPE_SECRET_KEY: expected text',
  'Invalid Bearer token: Bearer authentication is required, not Basic authentication',
  'The model "anthropic/claude-3-5-sonnet-20241022" failed: the provider answered 429.',
  'accounts/fireworks/models/llama-v3p1-405b-instruct-turbo-preview',
  'meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo',
  'request req_011CSHoEeqs5C35K2UUqR7Fy',
  'message msg_01jdx3k9t8f2v9w7b1n5q4h6zc of usr_01jdx3k9t8f2v9w7b1n5q4h6zc',
  'd9b2d63d-a233-4123-847a-c0f2f3a1b9e7',
  '0x52908400098527886E0F7030069857D2E4169EE7',
  `image sha256:${hex}${hex}`,
  '2026-11-24T05:40:00.000Z',
  'at executeQueryWithRetriesForPostgres15 (file:///srv/agentbot/server/platform/operations/execute.ts:123:45)',
  'a risk-averse, task-oriented desk_lamp and disk_usage_of_everything_in_the_data_folder_2026',
  'set OPENROUTER_API_KEY, OPENAI_API_KEY or OPENAI_COMPATIBLE_BASE_URL',
  'Authorization: Bearer <token>',
  'the cookie of the session and the password are wrong',
  'https://example.org/a/b?x=1#token',
  '$.messages[0].content: Expected string, received array',
])('stays as it is: %s', (text) => expect(redactSecrets(text)).toBe(text))

test('text of words stays as it is', () => {
  const word = fc.constantFrom(
    ...'API key keys token tokens bearer basic secret password is the not valid invalid was refused for model 429 128000'.split(' '),
  )
  const separator = fc.constantFrom(' ', ', ', '. ', ' "', '" ', '\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(word, separator), { maxLength: 40 }), (parts) => {
      const text = parts.flat().join('')
      expect(redactSecrets(text)).toBe(text)
    }),
  )
})

test('long text is read in time that grows with its length', () => {
  const text = 'a1'.repeat(200_000)
  const began = performance.now()
  redactSecrets(text, ['a1'.repeat(100)])
  redactSecrets('bearer '.repeat(100_000) + 'cookie: '.repeat(50_000))
  expect(performance.now() - began).toBeLessThan(5000)
})
