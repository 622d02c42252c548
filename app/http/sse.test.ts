import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Context, AppError } from '#server/platform/core/index.ts'
import { eventStream } from './sse.server.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ctx = { requestId: 'req_1', platform: { log: { error: vi.fn<() => void>() } } } as unknown as Context

class Busy extends AppError {
  constructor() {
    super('rate_limited', 'BUSY', 'Come back later.')
  }
}

/** A stream that begins when it is told to, or is refused. */
function startStream() {
  const first = Promise.withResolvers<unknown>()
  async function* events() {
    yield await first.promise
  }
  return { ...first, response: eventStream(events(), ctx, () => undefined) }
}

async function read(response: Response): Promise<() => Promise<string | undefined>> {
  const reader = response.body!.pipeThrough(new TextDecoderStream() as never).getReader() as ReadableStreamDefaultReader<string>
  return async () => (await reader.read()).value
}

test('headers go out after ten seconds of thinking, with a comment then and every ten seconds after', async () => {
  const { response, resolve } = startStream()
  const settled = vi.fn<() => void>()
  void response.then(settled)
  await vi.advanceTimersByTimeAsync(9_999)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  const next = await read(await response)
  expect(await next()).toMatch(/^:/)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await next()).toMatch(/^:/)
  resolve({ type: 'delta', text: 'Bowline.' })
  expect(await next()).toBe('event: delta\ndata: {"text":"Bowline."}\n\n')
  expect(await next()).toBeUndefined()
})

test('a refusal before that has its own status, and one after that is an event', async () => {
  const early = startStream()
  early.reject(new Busy())
  await expect(early.response).rejects.toThrow(Busy)

  const late = startStream()
  await vi.advanceTimersByTimeAsync(10_000)
  const next = await read(await late.response)
  expect(await next()).toMatch(/^:/)
  late.reject(new Busy())
  expect(await next()).toBe('event: error\ndata: {"error":"Come back later.","code":"BUSY","status":429,"requestId":"req_1"}\n\n')
})
