import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeTar, type TarEntry } from './tar.rules.ts'

const MODIFIED = '2026-03-02T06:40:00.000Z'

const entryOf = (path: string, ...pieces: string[]): TarEntry => {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece))
  return { path, size: bytes.reduce((sum, { byteLength }) => sum + byteLength, 0), modifiedAt: MODIFIED, bytes }
}

async function* each<T>(items: T[]): AsyncGenerator<T> {
  yield* items
}

const archiveOf = async (entries: TarEntry[]): Promise<Buffer> => Buffer.concat(await Array.fromAsync(writeTar(each(entries))))

test('tar unpacks what was written, whatever the lengths of names and files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentbot-tar-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const contents: Record<string, string> = {
    'empty.txt': '',
    'one.txt': 'x',
    'block.txt': 'b'.repeat(512),
    'folder/more.txt': 'm'.repeat(513),
    [`${'long/'.repeat(40)}name.txt`]: 'long',
    [`${'a'.repeat(96)}.txt`]: 'exactly a hundred',
    [`${'a'.repeat(97)}.txt`]: 'one more',
    'häfen/größe.txt': 'ß',
  }
  const entries = Object.entries(contents).map(([path, text]) => entryOf(path, text.slice(0, 3), text.slice(3)))
  await writeFile(join(folder, 'a.tar'), await archiveOf(entries))
  const unpacked = spawnSync('tar', ['-xf', 'a.tar'], { cwd: folder })
  expect(unpacked.stderr.toString()).toBe('')
  expect(unpacked.status).toBe(0)
  for (const [path, text] of Object.entries(contents)) expect(await readFile(join(folder, path), 'utf8'), path).toBe(text)
})

test('the length in a pax header counts itself, also where that makes it longer', async () => {
  for (let length = 101; length < 1100; length++) {
    const path = 'p'.repeat(length)
    const archive = await archiveOf([entryOf(path, 'x')])
    const record = archive.subarray(512).toString()
    const said = Number(record.slice(0, record.indexOf(' ')))
    expect(record.slice(0, said)).toBe(`${said} path=${path}\n`)
  }
})

test('a file of another size than it said ends the archive with an error', async () => {
  await expect(archiveOf([{ ...entryOf('short.txt', 'abc'), size: 4 }])).rejects.toThrow('short.txt was to have 4 bytes and has 3')
  await expect(archiveOf([{ ...entryOf('long.txt', 'abc'), size: 2 }])).rejects.toThrow('long.txt was to have 2 bytes and has more')
})
