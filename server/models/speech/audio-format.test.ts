import { expect, test } from 'vitest'
import { detectAudioFormat } from './audio-format.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test.each([
  ['wav', 'RIFF\x24\0\0\0WAVEfmt '],
  ['mp3', 'ID3\x04\0\0\0\0'],
  ['mp3', '\xff\xfb\x90\x64'],
  ['mp3', '\xff\xf3\x84\x64'],
  ['ogg', 'OggS\0\x02'],
  ['webm', '\x1a\x45\xdf\xa3\x9f'],
  ['m4a', '\0\0\0\x20ftypM4A '],
  ['flac', 'fLaC\0\0\0\x22'],
])('knows %s by %j', (name, start) => expect(detectAudioFormat(bytes(start))?.name).toBe(name))

test.each([
  ['a picture', '\x89PNG\r\n\x1a\n'],
  ['another RIFF file', 'RIFF\x24\0\0\0AVI LIST'],
  ['AAC without a container', '\xff\xf1\x50\x80'],
  ['text', 'hello there'],
  ['two bytes', '\xff\xfb'],
  ['nothing', ''],
])('does not take %s for sound', (_what, start) => expect(detectAudioFormat(bytes(start))).toBeUndefined())
