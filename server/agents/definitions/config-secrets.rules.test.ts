import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepSecrets, omitSecrets, sealSecrets } from './config-secrets.rules.ts'

const seal = (plain: string) => `box of ${plain.length}`

test('secrets are sealed by the name of their key, at any depth', () => {
  const config = { maxTokens: 5, channels: { telegram: { botToken: 'abc', chatId: 7 }, list: [{ apiKey: 'def' }] } }
  expect(sealSecrets(config, seal)).toEqual({
    maxTokens: 5,
    channels: { telegram: { botToken: { $sealed: 'box of 3' }, chatId: 7 }, list: [{ apiKey: { $sealed: 'box of 3' } }] },
  })
})

test('what a reader gets holds no secret, and sending it back loses none', () => {
  const stored = sealSecrets({ channels: { telegram: { botToken: 'abc', chatId: 7 } } }, seal)
  const read = omitSecrets(stored)
  expect(read).toEqual({ channels: { telegram: { chatId: 7 } } })
  expect(keepSecrets(stored, read)).toEqual(stored)
})

test('a caller cannot plant a box of its own', () => {
  expect(sealSecrets({ channels: { telegram: { botToken: { $sealed: 'forged' } } } }, seal)).toEqual({
    channels: { telegram: { botToken: {} } },
  })
})

test('whatever the configuration, nothing sealed is ever given back, and the rest is unchanged', () => {
  const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'token', 'app_secret', '__proto__x'), anyJson), (config) => {
      expect(JSON.stringify(omitSecrets(sealSecrets(config, seal)))).not.toContain('$sealed')
    }),
  )
})
