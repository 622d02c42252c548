import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealSecrets } from './config-secrets.rules.ts'
import { diffConfigs } from './config-diff.rules.ts'

const sealed = (value: unknown) => sealSecrets(value, (plain) => `box of ${plain}`)

test('names what was added, removed and changed, however deep', () => {
  const before = { model: 'a', temperature: 0.3, channels: { telegram: { name: 'Desk' } }, tools: ['one', 'two'] }
  const after = { model: 'b', channels: { telegram: { name: 'Night desk' } }, tools: ['one'], memoryLimit: 80 }
  expect(diffConfigs(before, after)).toEqual([
    { path: 'channels.telegram.name', kind: 'changed', before: 'Desk', after: 'Night desk' },
    { path: 'memoryLimit', kind: 'added', before: null, after: 80 },
    { path: 'model', kind: 'changed', before: 'a', after: 'b' },
    { path: 'temperature', kind: 'removed', before: 0.3, after: null },
    { path: 'tools.1', kind: 'removed', before: 'two', after: null },
  ])
})

test('says that a secret changed without showing either', () => {
  const before = sealed({ channels: { telegram: { botToken: 'first', name: 'Desk' } } })
  const after = sealed({ channels: { telegram: { botToken: 'second', name: 'Desk' }, discord: { appSecret: 'third' } } })
  const changes = diffConfigs(before, after)
  expect(changes).toEqual([
    { path: 'channels.discord', kind: 'added', before: null, after: { appSecret: '[secret]' } },
    { path: 'channels.telegram.botToken', kind: 'changed', before: '[secret]', after: '[secret]' },
  ])
  expect(diffConfigs(before, before)).toEqual([])
})

test('a configuration has no differences from itself, and no box is ever shown', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (one, other) => {
      const [before, after] = [sealed({ ...one, apiKey: 'hush' }), sealed({ ...other, apiKey: 'hush too' })]
      expect(diffConfigs(before, structuredClone(before))).toEqual([])
      expect(JSON.stringify(diffConfigs(before, after))).not.toContain('box of')
    }),
  )
})
