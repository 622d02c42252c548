import { describe, expect, test } from 'vitest'
import { sessionTokensOf, withHostCookies } from './session-cookies.ts'

const secure = { APP_URL: 'https://bots.example.org' }
const plain = { APP_URL: 'http://192.168.0.7:3000' }

const tokens = (env: typeof plain, cookie: string, site: string | null = null) =>
  sessionTokensOf(env, (name) => (name === 'cookie' ? cookie : name === 'sec-fetch-site' ? site : null))

describe('over https', () => {
  test('a session has a second cookie that only this host can set', () => {
    const cookie = 'agentbot-session=abc; HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax; Secure'
    expect(withHostCookies(secure, [cookie, 'other=1'])).toEqual([cookie, `__Host-${cookie}`, 'other=1'])
  })

  test.each(['same-origin', 'none', 'cross-site'])('a browser is known by that one alone (%s)', (site) => {
    expect(tokens(secure, 'agentbot-session=planted; __Host-agentbot-session=own', site)).toEqual(['own'])
    expect(tokens(secure, 'agentbot-session=planted', site)).toEqual([])
  })

  test('other clients are known by the documented one, or by both when they are the same', () => {
    expect(tokens(secure, 'agentbot-session=own')).toEqual(['own'])
    expect(tokens(secure, 'a=1; agentbot-session=own; __Host-agentbot-session=own')).toEqual(['own'])
  })

  test('two different ones are none', () => {
    expect(tokens(secure, 'agentbot-session=planted; __Host-agentbot-session=own')).toEqual([])
    expect(tokens(secure, 'agentbot-session=planted; agentbot-session=own')).toEqual([])
  })
})

describe('over plain http', () => {
  test('there is the documented one', () => {
    expect(withHostCookies(plain, ['agentbot-session=abc'])).toEqual(['agentbot-session=abc'])
    expect(tokens(plain, 'agentbot-session=a; agentbot-session=b', 'same-origin')).toEqual(['a', 'b'])
    expect(tokens(plain, '__Host-agentbot-session=a')).toEqual([])
  })
})
