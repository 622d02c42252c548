import { AwsClient } from 'aws4fetch'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { readStart } from '#server/platform/flow/index.ts'
import { StorageUnavailable } from './storage.errors.ts'
import type { FileStore } from './file-store.ts'
import { explainStorageError } from './storage-errors.rules.ts'

export interface Bucket {
  endpoint: string
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

const ANSWER_MS = 30_000
const UPLOAD_MS = 15 * 60_000
const MAX_REFUSAL_BYTES = 16_000
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Files in a bucket of an S3-compatible server. An object is there once it has arrived whole, or not at all. */
export function createS3Store({ endpoint, bucket, region, accessKeyId, secretAccessKey }: Bucket): FileStore {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3' })
  const urlOf = (key: string) => `${endpoint.replace(/\/$/, '')}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`

  /** Signs and sends a request; its hash covers what is sent. @throws StorageUnavailable when it is refused. */
  async function send(method: string, key: string, options: RequestInit & { sha256?: string; headers?: Record<string, string> } = {}) {
    const { sha256 = SHA256_OF_NOTHING, headers, ...rest } = options
    try {
      const signed = await client.sign(urlOf(key), { method, headers: { 'x-amz-content-sha256': sha256, ...headers } })
      const response = await fetch(signed.url, { signal: AbortSignal.timeout(ANSWER_MS), ...rest, method, headers: signed.headers })
      if (response.ok) return response
      const reason = response.body ? await readStart(response.body, MAX_REFUSAL_BYTES) : ''
      throw new StorageUnavailable('The storage for files does not work now.', new Error(`${response.status} ${reason}`))
    } catch (error) {
      throw explainStorageError(error)
    }
  }

  return {
    async keep(key, { path, size, sha256 }) {
      await send('PUT', key, {
        sha256,
        headers: { 'content-length': String(size) },
        body: size === 0 ? '' : (Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>),
        duplex: 'half',
        signal: AbortSignal.timeout(UPLOAD_MS),
      } as RequestInit & { sha256: string; headers: Record<string, string> })
      await rm(path, { force: true })
    },
    async open(key, range) {
      // A large file takes its time, and whoever reads it may leave.
      const { body } = await send('GET', key, {
        ...(range ? { headers: { range: `bytes=${range.start}-${range.end}` } } : {}),
        signal: AbortSignal.timeout(UPLOAD_MS),
      })
      return body ?? new Blob([]).stream()
    },
    remove: async (key) => void (await send('DELETE', key)),
  }
}
