import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { chat } from '../../../server/chat/turns/chat.operations.ts'
import { inputFor } from '../../contract/examples.ts'
import { createOwner, type Owner } from '../../contract/fixtures.ts'
import { transportsOf } from '../../contract/transports.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

// An operation whose generator gives more than its schema says, or something else: `chat.stream` with another `run`.

let server: TestServer
let owner: Owner
beforeAll(async () => {
  server = await startTestServer()
  owner = await createOwner(server)
})
afterAll(() => server.close())

const ran = { isEnded: false }
beforeEach(() => {
  ran.isEnded = false
})

/** Runs a test as if `chat.stream` gave these events. */
async function streaming(events: unknown[], work: () => Promise<void>): Promise<void> {
  const run = vi.spyOn(chat.stream, 'run').mockImplementation(async function* () {
    try {
      yield* events as never[]
    } finally {
      ran.isEnded = true
    }
  })
  try {
    await work()
  } finally {
    run.mockRestore()
  }
}

const transports = await transportsOf(chat.stream)

test('chat.stream goes through all three transports', () => {
  expect(transports.map(({ name }) => name)).toEqual(['REST POST /api/chat', 'tRPC', 'GraphQL'])
})

describe.each(transports)('an event through $name', ({ call }) => {
  const answer = () => call(server, inputFor(chat.stream, owner), { key: owner.key })

  test('has the declared fields and no other', async () => {
    await streaming([{ type: 'delta', text: 'Berth 9 is free.', passwordHash: 'undeclared' }], async () => {
      const { status, text } = await answer()
      expect(status).toBe(200)
      expect(text).toContain('Berth 9 is free.')
      expect(text).not.toContain('undeclared')
    })
  })

  test('that is none of the declared ones ends the stream as a failure that says nothing of it, and is logged', async () => {
    const log = vi.spyOn(server.platform.log, 'error')
    const bad = { type: 'delta', text: 9, passwordHash: 'undeclared' }
    await streaming([{ type: 'delta', text: 'Berth 9' }, bad, { type: 'delta', text: 'never sent' }], async () => {
      const { text } = await answer()
      expect(text).toContain('Berth 9')
      expect(text).toContain('INTERNAL')
      for (const hidden of ['undeclared', 'never sent', 'ZodError', 'expected string']) expect(text).not.toContain(hidden)
      expect(log).toHaveBeenCalledTimes(1)
      expect(ran.isEnded).toBe(true)
    })
    log.mockRestore()
  })
})
