import { expect, test } from 'vitest'
import { readCommand } from './local-commands.rules.ts'

const remember = (key: string, value: string) => ({ kind: 'tool', tool: 'remember', input: { key, value } })
const recall = (key: string) => ({ kind: 'tool', tool: 'recall', input: { key } })
const forget = (key: string) => ({ kind: 'tool', tool: 'forget', input: { key } })
const calculate = (expression: string) => ({ kind: 'tool', tool: 'calculate', input: { expression } })
const list = { kind: 'tool', tool: 'list_memory', input: {} }

test.each([
  ['remember my name is Ada', remember('name', 'Ada')],
  ['Remember that my favourite colour is deep  blue.', remember('favourite colour', 'deep blue')],
  ['remember tone = brief', remember('tone', 'brief')],
  ['remember tone=brief', remember('tone', 'brief')],
  ['please remember "Tone" = "very brief"', remember('tone', 'very brief')],
  ['remember rule is a = b', remember('rule', 'a = b')],
  ['remember the berths are free', remember('berths', 'free')],
  ['recall tone', recall('tone')],
  ['what is my name?', recall('name')],
  ['What’s my favourite colour ?', recall('favourite colour')],
  ['list', list],
  ['What do you remember?', list],
  ['what do you know about me', list],
  ['forget tone', forget('tone')],
  ['forget about my name.', forget('name')],
  ['calculate 2 * (3 + 4)', calculate('2 * (3 + 4)')],
  ['what is 2+2', calculate('2+2')],
  ['what is 2 + 2?', calculate('2 + 2')],
  ['what is 2+2 =', calculate('2+2')],
  ['calculate 5!', calculate('5!')],
  ['calculate nothing\n\ntell me a story\n\nwhat is 2+2', calculate('2+2')],
  ['remember tone =\n\nbrief', remember('tone', 'brief')],
  ['sqrt(16) / 2', calculate('sqrt(16) / 2')],
  ['help', { kind: 'help' }],
  ['Help!', { kind: 'help' }],
  ['What can you do?', { kind: 'help' }],
  ['history', { kind: 'history' }],
  ['', { kind: 'unknown' }],
  ['remember', { kind: 'unknown' }],
  ['remember the milk', { kind: 'unknown' }],
  ['what is love?', { kind: 'unknown' }],
  ['what is the capital of France?', { kind: 'unknown' }],
  ['what is covid-19?', { kind: 'unknown' }],
  ['42', { kind: 'unknown' }],
  ['Hello there', { kind: 'unknown' }],
])('%j is read as %j', (message, command) => {
  expect(readCommand(message)).toEqual(command)
})

test.each([
  ['separators', `remember ${'a is '.repeat(998)}`],
  ['spaces', `remember${' '.repeat(4_980)}x`],
  ['brackets', '('.repeat(5_000)],
  ['sums', `what is ${'1+'.repeat(2_490)}x`],
  ['marks', `${'?'.repeat(4_990)}x`],
  ['exclamations', `${'!'.repeat(4_990)}x`],
])('a long message of %s is read in no time', (_name, message) => {
  const startedAt = performance.now()
  readCommand(message)
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('a message over the limit is no command', () => {
  expect(readCommand(`remember tone = ${'x'.repeat(5_000)}`)).toEqual({ kind: 'unknown' })
})
