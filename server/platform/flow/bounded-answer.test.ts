import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AnswerTooLarge, boundedFetch, LengthLimit, readBytes, readStart } from './bounded-answer.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a limit of length', () => {
  test('counts the whole', () => {
    const limit = new LengthLimit({ maxBytes: 10 })
    limit.add(bytes('12345'))
    limit.add(bytes('67890'))
    expect(() => limit.add(bytes('1'))).toThrow('The answer is longer than 10 bytes.')
  })

  test.each(['data: 1\n\n', 'data: 1\r\n\r\n'])('counts each event by itself: %j', (event) => {
    const limit = new LengthLimit({ maxBytes: 10_000, maxEventBytes: 20 })
    for (let count = 0; count < 100; count++) limit.add(bytes(event))
  })

  test.each(['x', 'data: x\n', ': x\n'])('knows an event without an end: %j', (piece) => {
    const limit = new LengthLimit({ maxBytes: 10_000, maxEventBytes: 100 })
    limit.add(bytes('data: 1\n\n'))
    const flood = () => {
      for (let count = 0; count < 101; count++) limit.add(bytes(piece))
    }
    expect(flood).toThrow('The event is longer than 100 bytes.')
  })
})

describe('fetch with limits', () => {
  /** Sends `x` for as long as it is read; `/hang` sends one and no more. */
  const server = createServer((request, response) => {
    response.writeHead(200)
    const send = () => {
      while (!response.destroyed && response.write('x'.repeat(1000)) && request.url !== '/hang');
    }
    response.on('drain', send)
    send()
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const closed = () => new Promise<void>((done) => server.once('request', (_, response) => response.once('close', () => done())))

  test('fails in an answer that does not end, and closes the connection', async () => {
    const isClosed = closed()
    await expect((await boundedFetch({ maxBytes: 100_000 })(url)).text()).rejects.toThrow(AnswerTooLarge)
    await isClosed
  })

  test('fails in an answer that takes too long, body included', async () => {
    const isClosed = closed()
    const response = await boundedFetch({ maxBytes: 100_000, maxMs: 200 })(`${url}/hang`)
    await expect(response.text()).rejects.toMatchObject({ name: 'TimeoutError' })
    await isClosed
  })

  test('reads the beginning of what has no end', async () => {
    const isClosed = closed()
    const { body } = await fetch(url)
    expect(await readStart(body!, 10)).toBe('xxxxxxxxxx')
    await isClosed
  })

  test('reads all of what has one, and nothing of what is too long', async () => {
    const pieces = async function* () {
      yield Buffer.from('ab')
      yield Buffer.from('c')
    }
    expect((await readBytes(pieces(), 3)).toString()).toBe('abc')
    await expect(readBytes(pieces(), 2)).rejects.toThrow(AnswerTooLarge)
  })
})
