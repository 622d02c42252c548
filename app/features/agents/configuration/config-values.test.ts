import { expect, test } from 'vitest'
import { changeOfOtherKeys, ConfigValues, otherKeysOf, OtherKeys, toChange, toValues } from './config-values.ts'

const agent = { name: 'Atlas', model: 'local/commands' }
const allFields = Object.keys(ConfigValues.shape)

test('an empty configuration fills the form with defaults, and saving them stores nothing', () => {
  const change = toChange(toValues({}, agent), allFields)
  expect(Object.entries(change).filter(([, value]) => value !== null)).toEqual([
    ['name', 'Atlas'],
    ['model', 'local/commands'],
  ])
})

test('what is set survives the form', () => {
  const config = {
    name: 'B',
    instructions: 'Be brief',
    model: 'm',
    fallbacks: ['x', 'y'],
    temperature: 0,
    maxTokens: 5,
    memoryLimit: 0,
    memoryEnabled: false,
    tools: ['recall'],
  }
  expect(toChange(toValues(config, agent), allFields)).toEqual(config)
})

test('only fields that were changed are sent', () => {
  expect(toChange({ ...toValues({}, agent), temperature: '0.5' }, ['temperature'])).toEqual({ temperature: 0.5 })
})

test.each([
  ['temperature', '2.1'],
  ['temperature', 'warm'],
  ['maxTokens', '0'],
  ['maxTokens', '1.5'],
  ['memoryLimit', '501'],
  ['name', '  '],
  ['model', ''],
])('%s %j is refused', (field, value) => {
  const result = ConfigValues.safeParse({ ...toValues({}, agent), [field]: value })
  expect(result.error?.issues.map(({ path }) => path[0])).toEqual([field])
})

test('other keys are replaced as a whole', () => {
  const before = otherKeysOf({ model: 'm', channels: {}, colour: 'red' })
  expect(before).toEqual({ channels: {}, colour: 'red' })
  expect(changeOfOtherKeys(before, { colour: 'blue', size: 1 })).toEqual({ channels: null, colour: 'blue', size: 1 })
})

test.each(['[]', 'x', '1', '{"model":"m"}'])('%s is not accepted as other keys', (json) => {
  expect(OtherKeys.safeParse({ json }).success).toBe(false)
})
