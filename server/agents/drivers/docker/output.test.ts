import { expect, test } from 'vitest'
import { splitOutput } from './output.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(content.length, 4)
  return Buffer.concat([header, content])
}

test('lines of both streams come apart in the order they ended', () => {
  const output = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'bad\r\n'), frame(1, 'o\nthree')])
  expect(splitOutput(output)).toEqual([
    { text: 'one', isError: false },
    { text: 'bad', isError: true },
    { text: 'two', isError: false },
    { text: 'three', isError: false },
  ])
})

test('a letter that lies in two frames stays whole', () => {
  const euro = Buffer.from('€\n')
  const halves = [euro.subarray(0, 1), euro.subarray(1)].map((half) => {
    const framed = frame(1, '')
    framed.writeUInt32BE(half.length, 4)
    return Buffer.concat([framed, half])
  })
  expect(splitOutput(Buffer.concat(halves))).toEqual([{ text: '€', isError: false }])
})

test('a frame that was cut off does no harm', () => {
  expect(splitOutput(frame(1, 'whole\ncut off').subarray(0, 16))).toEqual([
    { text: 'whole', isError: false },
    { text: 'cu', isError: false },
  ])
})
