import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { FileStore } from './file-store.ts'
import { explainStorageError } from './storage-errors.rules.ts'

/** Files in a folder of this server, each under its key. */
export function createLocalStore(dataDir: string): FileStore {
  const pathOf = (key: string) => resolve(dataDir, 'files', key)
  return {
    async keep(key, { path }) {
      try {
        await mkdir(dirname(pathOf(key)), { recursive: true, mode: 0o700 })
        await rename(path, pathOf(key))
      } catch (error) {
        throw explainStorageError(error)
      }
    },
    async open(key, range) {
      try {
        const handle = await open(pathOf(key))
        return Readable.toWeb(createReadStream('', { fd: handle, ...range })) as ReadableStream<Uint8Array>
      } catch (error) {
        throw explainStorageError(error)
      }
    },
    async remove(key) {
      await rm(pathOf(key), { force: true }).catch((error: unknown) => {
        throw explainStorageError(error)
      })
    },
  }
}
