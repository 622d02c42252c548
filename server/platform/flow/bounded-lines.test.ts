import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readLines } from './bounded-lines.ts'

test('lines come whole, however they arrive, and a long one is cut', async () => {
  const stream = Readable.from([
    Buffer.from('first\r\nsec'),
    Buffer.from('ond\n\nlong'),
    Buffer.from('x'.repeat(100)),
    Buffer.from('\nlast ü'),
  ])
  const lines: string[] = []
  readLines(stream, 10, (line) => lines.push(line))
  await new Promise((ended) => stream.once('end', ended))
  expect(lines).toEqual(['first', 'second', '', 'longxxxxxx', 'last ü'])
})
