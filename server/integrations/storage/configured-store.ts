import type { Platform } from '#server/platform/core/index.ts'
import type { FileStore } from './file-store.ts'
import { createLocalStore } from './local-store.ts'
import { createS3Store } from './s3-store.ts'

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
