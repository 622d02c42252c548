import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Proof } from '../../../server/identity/bots/bots.contract.ts'
import { solveChallenge } from '../../helpers/solve-challenge.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const SOLVING_MS = 60_000

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let visitors = 0
const register = (proof?: unknown, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) =>
  server.call('POST', '/api/register', {
    body: { email: `visitor${++visitors}@example.org`, password: 'correct horse battery', ...(proof ? { proof } : {}) },
    headers,
  })
const takenForBot = (about: string) => ({
  status: 403,
  body: { code: 'TAKEN_FOR_BOT', field: 'proof', error: expect.stringContaining(about) },
})

describe('creating an account in a browser', () => {
  test(
    'takes solved puzzles',
    async () => {
      expect(await register()).toMatchObject(takenForBot('bots.challenge'))
      expect(await register(await solveChallenge(server, 'register'))).toMatchObject({ status: 200 })
    },
    SOLVING_MS,
  )

  test('on plain http, where the browser only names its page, takes them too', async () => {
    expect(await register(undefined, { origin: server.platform.env.APP_URL })).toMatchObject(takenForBot('bots.challenge'))
  })

  test(
    'uses the solutions up, for whoever comes at the same moment as well',
    async () => {
      const proof = await solveChallenge(server, 'register')
      const answers = await Promise.all([1, 2, 3, 4].map(() => register(proof)))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403])
      expect(answers.find(({ status }) => status === 403)).toMatchObject(takenForBot('used before'))
    },
    SOLVING_MS,
  )

  test(
    'takes no solutions of another challenge, purpose or server',
    async () => {
      const proof = await solveChallenge(server, 'forgot-password')
      expect(await register(proof)).toMatchObject(takenForBot('not good here'))
      const { challenge } = (await server.call('GET', '/api/auth/puzzles?purpose=register')).body
      expect(await register({ ...proof, challenge })).toMatchObject(takenForBot('do not solve'))
      expect(await register({ ...proof, challenge: `${challenge}x` })).toMatchObject(takenForBot('not good here'))
      expect(await register({ ...proof, solutions: [1] })).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('proof.solutions') },
      })
    },
    SOLVING_MS,
  )
})

describe('a program', () => {
  test(
    'does without, until its address has done so a hundred times in a day',
    async () => {
      const from = (address: string) => ({ 'x-forwarded-for': address })
      const proxied = await startTestServer({ TRUST_PROXY: 'on', RATE_LIMIT_SCALE: '1' })
      const add = (address: string, proof?: Proof) =>
        proxied.call('POST', '/api/register', {
          body: { email: `program${++visitors}@example.org`, password: 'correct horse battery', ...(proof ? { proof } : {}) },
          headers: from(address),
        })
      try {
        const count = () => proxied.platform.rateLimits.count('unproven', { callerId: null, ip: '203.0.113.7' })
        for (let call = 0; call < 99; call++) await count()
        expect(await add('203.0.113.7')).toMatchObject({ status: 200 })
        expect(await add('203.0.113.7')).toMatchObject(takenForBot('too many'))
        expect(await add('203.0.113.8')).toMatchObject({ status: 200 })
        expect(await add('203.0.113.7', await solveChallenge(proxied, 'register'))).toMatchObject({ status: 200 })
      } finally {
        await proxied.close()
      }
    },
    SOLVING_MS,
  )
})
