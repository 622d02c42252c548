import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A fake S3 that refuses what the real one refuses: wrong signatures, wrong hashes, bodies without a length. */
export interface FakeS3 {
  url: string
  /** Objects of the bucket by key. */
  objects: Map<string, Buffer>
  /** Answers every call with 503 while it is set. */
  isDown: boolean
  close(): Promise<void>
}

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  region: string
  bucket: string
}

export async function startFakeS3(credentials: Credentials): Promise<FakeS3> {
  const objects = new Map<string, Buffer>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const problem = fake.isDown ? ([503, 'SlowDown'] as const) : refusal(request, body, credentials)
    if (problem) return response.writeHead(problem[0]).end(`<Error><Code>${problem[1]}</Code></Error>`)
    const key = decodeURIComponent(request.url!.slice(`/${credentials.bucket}/`.length))
    const found = objects.get(key)
    if (request.method === 'PUT') {
      objects.set(key, body)
      return response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end()
    }
    if (request.method === 'DELETE') {
      objects.delete(key)
      return response.writeHead(204).end()
    }
    if (!found) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    return first ? response.writeHead(206).end(found.subarray(Number(first), Number(last) + 1)) : response.writeHead(200).end(found)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const fake: FakeS3 = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    isDown: false,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return fake
}

/** Why the real one would refuse the request; undefined when it would not. */
function refusal(request: IncomingMessage, body: Buffer, { accessKeyId, secretAccessKey, region, bucket }: Credentials) {
  const { headers, method, url } = request
  if (!url!.startsWith(`/${bucket}/`)) return [404, 'NoSuchBucket'] as const
  if (method === 'PUT' && headers['content-length'] === undefined) return [411, 'MissingContentLength'] as const
  const [, scope, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '') ?? []
  if (!scope || !signedHeaders || !signature) return [403, 'AccessDenied'] as const
  const time = String(headers['x-amz-date'])
  const day = time.slice(0, 8)
  if (scope !== `${accessKeyId}/${day}/${region}/s3/aws4_request`) return [403, 'InvalidAccessKeyId'] as const
  const names = signedHeaders.split(';')
  const mustBeSigned = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  if (mustBeSigned.some((name) => !names.includes(name))) return [403, 'AccessDenied'] as const
  const contentHash = String(headers['x-amz-content-sha256'])
  const canonical = [
    method,
    url!.split('?')[0],
    '',
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders,
    contentHash,
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n')
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>((key, part) => hmac(key, part), `AWS4${secretAccessKey}`)
  if (hmac(signingKey, toSign).toString('hex') !== signature) return [403, 'SignatureDoesNotMatch'] as const
  if (contentHash !== sha256(body)) return [400, 'XAmzContentSHA256Mismatch'] as const
  return undefined
}

const sha256 = (value: string | Buffer): string => createHash('sha256').update(value).digest('hex')
const hmac = (key: string | Buffer, value: string): Buffer => createHmac('sha256', key).update(value).digest()
