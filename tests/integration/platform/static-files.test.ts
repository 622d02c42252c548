import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveFolder } from '../../../app/http/static-files.ts'
import { compressFolder } from '../../../scripts/compress-folder.ts'
import { rawCall } from '../../helpers/raw-http.ts'

const script = 'export const answer = 42; '.repeat(100)
let folder: string
let url: string
let stop: () => Promise<void>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentbot-static-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'assets/app.js'), script)
  await writeFile(join(folder, 'assets/short.js'), 'short')
  await compressFolder(folder)
  const serve = serveFolder(folder)
  const server = createServer((request, response) =>
    serve(request, response, () => response.end(`next: ${request.headers['accept-encoding']}`)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stop = async () => void (await once(server.close(), 'close'))
})
afterAll(async () => {
  await stop()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  rawCall(url + path, { method, headers: { connection: 'close', ...headers } })

test.each([
  ['br', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['gzip, br;q=0', 'gzip'],
  ['identity;q=1, gzip;q=0', undefined],
  ['identity', undefined],
])('a script is sent to who accepts %s as %s', async (accepted, coding) => {
  const { status, headers, text, bytes } = await get('/assets/app.js', { 'accept-encoding': accepted })
  expect({ status, text, coding: headers['content-encoding'] }).toEqual({ status: 200, text: script, coding })
  expect(headers).toMatchObject({
    vary: 'Accept-Encoding',
    'content-type': 'text/javascript',
    'content-length': String(bytes.byteLength),
    'cache-control': 'public, max-age=31536000, immutable',
  })
})

test('without a word on encodings a file is sent as it is', async () => {
  const { headers, bytes } = await get('/assets/app.js')
  expect(bytes.toString()).toBe(script)
  expect(headers).not.toHaveProperty('content-encoding')
  expect(headers.vary).toBe('Accept-Encoding')
})

test('each form has a validator of its own', async () => {
  const forms = ['br', 'gzip', 'identity']
  const tags = await Promise.all(forms.map(async (coding) => (await get('/assets/app.js', { 'accept-encoding': coding })).headers.etag!))
  expect(new Set(tags).size).toBe(3)
  for (const [index, coding] of forms.entries()) {
    const known = { 'accept-encoding': coding, 'if-none-match': tags[index]! }
    expect(await get('/assets/app.js', known)).toMatchObject({ status: 304, text: '' })
    expect((await get('/assets/app.js', { ...known, 'if-none-match': tags[(index + 1) % 3]! })).status).toBe(200)
  }
})

test('a part is one of the file itself', async () => {
  const { status, headers, text } = await get('/assets/app.js', { 'accept-encoding': 'br', range: 'bytes=0-5' })
  expect({ status, text, coding: headers['content-encoding'] }).toEqual({ status: 206, text: 'export', coding: undefined })
})

test('HEAD says what GET would send', async () => {
  const { headers, bytes } = await get('/assets/app.js', { 'accept-encoding': 'br' }, 'HEAD')
  expect(bytes.byteLength).toBe(0)
  expect(headers['content-encoding']).toBe('br')
})

test('a short file has one form', async () => {
  const { headers, text } = await get('/assets/short.js', { 'accept-encoding': 'br' })
  expect(text).toBe('short')
  expect(headers).not.toHaveProperty('content-encoding')
})

test('what is no file is handed on as it came', async () => {
  expect((await get('/api/agents', { 'accept-encoding': 'gzip;q=0.5, zstd' })).text).toBe('next: gzip;q=0.5, zstd')
})
