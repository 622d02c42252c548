import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toConversation, WITHOUT_WORDS, type Spoken } from './history.rules.ts'

const user = (content: string): Spoken => ({ role: 'user', content })
const assistant = (content: string): Spoken => ({ role: 'assistant', content })
const said = (...messages: Spoken[]) => toConversation(messages, 1000).map(({ role, content }) => `${role}: ${content}`)

describe('a conversation', () => {
  test('goes on where it was', () =>
    expect(said(user('one'), assistant('1'), user('two'))).toEqual(['user: one', 'assistant: 1', 'user: two']))

  test('does not begin with an answer whose message was cut off', () => expect(said(assistant('1'), user('two'))).toEqual(['user: two']))

  test('keeps a message that got no answer', () => expect(said(user('one'), user('two'))).toEqual(['user: one\n\ntwo']))

  test('has nothing empty in it', () =>
    expect(said(user('one'), assistant(' \n'), user('two'), assistant(''), user('three'))).toEqual(['user: one\n\ntwo\n\nthree']))

  test('ends with a message even where that has no words', () => expect(said(user(' '))).toEqual([`user: ${WITHOUT_WORDS}`]))

  test('loses its oldest messages where there are too many characters, never the one to be answered', () => {
    const messages = [user('1234'), assistant('5678'), user('90')]
    expect(toConversation(messages, 7)).toEqual([{ role: 'user', content: '90' }])
    expect(toConversation(messages, 8)).toHaveLength(3)
    expect(toConversation(messages, 0)).toEqual([{ role: 'user', content: '90' }])
  })
})

test('whatever was said, cut off, failed or left empty, it is one that every provider takes', () => {
  const content = fc.oneof(fc.constantFrom('', ' ', '\n\n'), fc.string({ maxLength: 20 }))
  const earlier = fc.array(fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content }))
  fc.assert(
    fc.property(earlier, content, fc.nat(100), (before, asked, maxCharacters) => {
      const conversation = toConversation([...before, user(asked)], maxCharacters)
      expect(conversation.map(({ role }) => role)).toEqual(conversation.map((_, index) => (index % 2 ? 'assistant' : 'user')))
      expect(conversation.every((message) => message.content.trim() !== '')).toBe(true)
      expect(conversation.at(-1)).toMatchObject({ role: 'user', content: expect.stringMatching(/./s) })
      const last = asked.trim() === '' ? WITHOUT_WORDS : asked
      expect(conversation.at(-1)!.content.endsWith(last)).toBe(true)
      // Nothing is made up, and nothing of what there is room for is lost but what nobody asked for.
      const all = conversation.map((message) => message.content).join('\n\n')
      let room = maxCharacters
      for (const message of before.toReversed()) {
        room -= message.content.length
        if (room < 0) break
        if (message.role === 'user' && message.content.trim() !== '') expect(all).toContain(message.content)
      }
    }),
  )
})
