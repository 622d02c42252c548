import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { cutText } from '../core/index.ts'

/** Calls `onLine` for every line of a stream of text. Of a line that is longer, the first `maxCharacters` are handed on and the rest is dropped. */
export function readLines(stream: Readable, maxCharacters: number, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let line = ''
  const add = (text: string) => (line += cutText(text, maxCharacters - line.length))
  const end = () => {
    onLine(line.replace(/\r$/, ''))
    line = ''
  }
  stream.on('data', (chunk: Buffer) => {
    const [first, ...others] = decoder.write(chunk).split('\n')
    add(first!)
    for (const text of others) {
      end()
      add(text)
    }
  })
  stream.on('end', () => line !== '' && end())
}
