import type { Platform } from '#server/platform/core/index.ts'
import { createLocalStore } from './local-store.ts'
import { createS3Store } from './s3-store.ts'

/** First and last byte, both part of it. */
export interface ByteRange {
  start: number
  end: number
}

/** A file that has arrived whole, on this machine. */
export interface ArrivedFile {
  path: string
  size: number
  /** In hex. */
  sha256: string
}

/** Where the bytes of files are kept, each under a key such as `usr_1/Zk3`. */
export interface FileStore {
  /** Takes a file over: it is there whole afterwards, or not at all. @throws StorageUnavailable */
  keep(key: string, file: ArrivedFile): Promise<void>
  /** The bytes as a stream. @throws StorageUnavailable, also when there is nothing under the key. */
  open(key: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>>
  /** Harmless when there is nothing. @throws StorageUnavailable */
  remove(key: string): Promise<void>
}

const stores = new WeakMap<Platform, FileStore>()

/** The store the operator configured: a bucket, or a folder of this server. */
export function fileStoreOf(platform: Platform): FileStore {
  let store = stores.get(platform)
  if (!store) stores.set(platform, (store = createStore(platform)))
  return store
}

function createStore({ env }: Platform): FileStore {
  const { S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env
  if (!S3_ENDPOINT || !S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY) return createLocalStore(env.DATA_DIR)
  return createS3Store({
    endpoint: S3_ENDPOINT,
    bucket: S3_BUCKET,
    region: S3_REGION,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
  })
}
