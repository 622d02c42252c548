import { Buffer } from 'node:buffer'

const BLOCK = 512
/** Sizes that fit into the eleven octal digits of a header; larger ones are written in binary, as GNU and BSD tar do. */
const MAX_OCTAL_SIZE = 0o77777777777
const FILE_MODE = 0o600

/** One file of an archive. Its size has to be known before its bytes are. */
export interface TarEntry {
  /** With `/` between folders, and without one in front. */
  path: string
  /** Bytes. */
  size: number
  /** ISO 8601. */
  modifiedAt: string
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/**
 * Writes a tar archive (POSIX ustar, with pax headers for long names) while its files are being read; no more of it is in memory than one
 * piece.
 *
 * @throws Error when a file has another size than it said.
 */
export async function* writeTar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const { path, size, modifiedAt, bytes } of entries) {
    const time = Math.floor(Date.parse(modifiedAt) / 1000)
    if (Buffer.byteLength(path) > NAME_BYTES) {
      const record = paxRecord('path', path)
      yield headerOf('pax', record.byteLength, time, 'x')
      yield* padded(record)
    }
    yield headerOf(path, size, time, '0')
    let written = 0
    for await (const piece of bytes) {
      written += piece.byteLength
      if (written > size) break
      yield piece
    }
    if (written !== size) throw new Error(`${path} was to have ${size} bytes and has ${written > size ? 'more' : written}`)
    yield Buffer.alloc(paddingOf(size))
  }
  yield Buffer.alloc(2 * BLOCK)
}

const NAME_BYTES = 100

const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

function* padded(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes
  yield Buffer.alloc(paddingOf(bytes.byteLength))
}

/** A line of a pax header, which begins with its own length. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function headerOf(path: string, size: number, time: number, type: '0' | 'x'): Buffer {
  const header = Buffer.alloc(BLOCK)
  Buffer.from(path).copy(header, 0, 0, NAME_BYTES)
  writeOctal(header, 100, 8, FILE_MODE)
  writeOctal(header, 108, 8, 0)
  writeOctal(header, 116, 8, 0)
  if (size <= MAX_OCTAL_SIZE) writeOctal(header, 124, 12, size)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(size), 128)
  }
  writeOctal(header, 136, 12, time)
  header.fill(' ', 148, 156)
  header.write(type, 156)
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

const writeOctal = (header: Buffer, at: number, length: number, value: number): void =>
  void header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
