import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plans } from '../../../server/money/billing/plans.ts'
import { startContractServer } from '../../contract/contract-server.ts'
import { startFakeS3, type FakeS3 } from '../../fakes/s3.ts'
import type { TestAccount, TestServer } from '../../helpers/test-server.ts'

const bucket = { accessKeyId: 'AKIDHARBOUR', secretAccessKey: 'secret/of+the bucket', region: 'eu-west-1', bucket: 'harbour' }

let s3: FakeS3
let folder: string
beforeAll(async () => {
  s3 = await startFakeS3(bucket)
  folder = await mkdtemp(join(tmpdir(), 'agentbot-files-'))
})
afterAll(async () => {
  await s3.close()
  await rm(folder, { recursive: true })
})

const inBucket = () => ({
  S3_ENDPOINT: s3.url,
  S3_BUCKET: bucket.bucket,
  S3_REGION: bucket.region,
  S3_ACCESS_KEY_ID: bucket.accessKeyId,
  S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
})

type Uploader = TestAccount & { agentId: string }

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const ELF = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), Buffer.alloc(200)])

describe.each(['a folder', 'a bucket'])('files in %s', (place) => {
  let server: TestServer
  let account: Uploader
  beforeAll(async () => {
    server = await startContractServer({ DATA_DIR: folder, SELF_HOSTED_PLAN: 'solo', ...(place === 'a bucket' ? inBucket() : {}) })
    account = await accountWithAgent()
  })
  afterAll(() => server.close())

  async function accountWithAgent(): Promise<Uploader> {
    const created = await server.createAccount()
    const { agent } = (await server.call('POST', '/api/agents/provision', { key: created.key, body: { name: 'Clerk' } })).body
    return { ...created, agentId: agent.id }
  }

  /** Everything that is kept for an account, wherever that is. */
  const keptFor = async ({ id }: TestAccount): Promise<string[]> =>
    place === 'a bucket'
      ? [...s3.objects.keys()].filter((key) => key.startsWith(`${id}/`))
      : readdir(join(folder, 'files', id)).catch(() => [])

  const arriving = () => readdir(join(folder, 'files', '.arriving')).catch(() => [])

  async function upload(
    by: Uploader,
    name: string,
    content: Buffer | string,
    type = 'text/plain',
    isFileFirst = true,
    more: Record<string, string> = {},
  ) {
    const form = new FormData()
    if (!isFileFirst) form.set('agentId', by.agentId)
    form.set('file', new Blob([content as BlobPart], { type }), name)
    if (isFileFirst) form.set('agentId', by.agentId)
    const response = await fetch(`${server.url}/api/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${by.key}`, ...more },
      body: form,
    })
    return { status: response.status, body: await response.json() }
  }

  const get = (path: string, headers: Record<string, string> = {}, by: TestAccount = account) =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${by.key}`, ...headers } })

  test.each([true, false])('come back as they were sent, the file first: %s', async (isFileFirst) => {
    const content = Buffer.alloc(3_000_000, 'berth 9\n')
    const { status, body } = await upload(account, 'tides 2026.csv', content, 'text/csv', isFileFirst)
    expect(status).toBe(201)
    expect(body.file).toMatchObject({
      name: 'tides_2026.csv',
      size: content.length,
      type: 'text/csv',
      url: `/api/files?download=${body.file.id}`,
    })
    for (const path of [body.file.url, `/api/files/${body.file.id}/content`]) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tides_2026.csv"')
      expect(answer.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.has('ratelimit-limit')).toBe(true)
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true)
    }
    expect(await arriving()).toEqual([])
  })

  test('are answered in part, or not at all when they are still the same', async () => {
    const { body } = await upload(account, 'letters.txt', 'abcdefghij')
    const path = body.file.url
    const etag = (await get(path)).headers.get('etag')!
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
    const part = await get(path, { range: 'bytes=2-4' })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', 'cde'])
    expect(await (await get(path, { range: 'bytes=-3' })).text()).toBe('hij')
    expect(await (await get(path, { range: 'bytes=7-' })).text()).toBe('hij')
    expect((await get(path, { range: 'bytes=10-' })).status).toBe(416)
    const head = (headers: Record<string, string>) =>
      fetch(server.url + path, { method: 'HEAD', headers: { authorization: `Bearer ${account.key}`, ...headers } })
    for (const answer of [await head({}), await head({ range: 'bytes=2-4' }), await head({ range: 'bytes=10-' })])
      expect([answer.status, answer.headers.get('content-length'), answer.headers.get('content-range')]).toEqual([200, '10', null])
    for (const answer of [await head({ 'if-none-match': '*' }), await get(path, { 'if-none-match': '*' })]) expect(answer.status).toBe(304)
  })

  test('that are sent twice with one Idempotency-Key are stored once, as a form and in JSON', async () => {
    const owner = await accountWithAgent()
    const send = (content: string, key: string) => upload(owner, 'once.txt', content, 'text/plain', true, { 'idempotency-key': key })
    const answers = await Promise.all([send('one', 'form'), send('one', 'form'), send('one', 'form')])
    const ids = answers.flatMap(({ status, body }) => (status === 201 ? [body.file.id] : []))
    expect(new Set(ids).size).toBe(1)
    expect((await send('one', 'form')).body.file.id).toBe(ids[0])
    expect(await send('two', 'form')).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })

    const body = { agentId: owner.agentId, filename: 'once.txt', content: 'b25l' }
    const sendJson = () => server.call('POST', '/api/files', { key: owner.key, body, headers: { 'idempotency-key': 'json' } })
    const first = await sendJson()
    expect((await sendJson()).body).toEqual(first.body)
    expect((await (await get('/api/files', {}, owner)).json()).count).toBe(2)
    expect(await keptFor(owner)).toHaveLength(2)
    expect(await arriving()).toEqual([])

    await server.call('DELETE', '/api/files', { key: owner.key, body: { fileId: first.body.file.id } })
    expect((await sendJson()).body.file.id).not.toBe(first.body.file.id)
  })

  test('are listed page by page, and counted whole on each', async () => {
    const owner = await server.createAccount()
    const agentId = (await server.call('POST', '/api/agents', { key: owner.key, body: { name: 'Archive' } })).body.id
    const rows = Array.from({ length: 1001 }, (_, index) => {
      const id = `file_${String(index).padStart(4, '0')}`
      return { id, accountId: owner.id, agentId, name: `${id}.txt`, size: 2, type: 'text/plain', sha256: 'x', storageKey: id }
    })
    await server.platform.databases.system.insertInto('files').values(rows).execute()
    const list = async (query: string) => (await server.call('GET', `/api/files?${query}`, { key: owner.key })).body
    const first = await list('')
    expect(first).toMatchObject({ count: 1001, totalSize: 2002, nextCursor: 'file_0001' })
    expect(first.files).toHaveLength(1000)
    const last = await list(`cursor=${first.nextCursor}`)
    expect(last).toMatchObject({ count: 1001, totalSize: 2002, files: [{ id: 'file_0000' }], nextCursor: null })
    expect((await list('limit=1')).files).toMatchObject([{ id: 'file_1000' }])
    expect(await server.call('GET', '/api/files?limit=1001', { key: owner.key })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT' },
    })
  })

  test('of no bytes are files, too', async () => {
    const { body } = await upload(account, 'empty.txt', '')
    expect(body.file.size).toBe(0)
    expect(await (await get(body.file.url)).text()).toBe('')
  })

  test('are listed and deleted, with their bytes', async () => {
    const owner = await accountWithAgent()
    const { file } = (await upload(owner, 'a.txt', 'one')).body
    await upload(owner, 'b.txt', 'three')
    const list = await (await get('/api/files', {}, owner)).json()
    expect(list).toMatchObject({ count: 2, totalSize: 8 })
    expect(list.files.map(({ filename }: { filename: string }) => filename)).toEqual(['b.txt', 'a.txt'])
    expect(await keptFor(owner)).toHaveLength(2)
    const deleted = await server.call('DELETE', '/api/files', { key: owner.key, body: { fileId: file.id } })
    expect(deleted.body).toEqual({ success: true, fileId: file.id })
    expect(await keptFor(owner)).toHaveLength(1)
    expect((await get(file.url, {}, owner)).status).toBe(404)
  })

  test('go with their agent', async () => {
    const owner = await accountWithAgent()
    const other = await accountWithAgent()
    await upload(owner, 'a.txt', 'one')
    const { file } = (await upload(other, 'b.txt', 'two')).body
    await server.call('DELETE', `/api/agents/${owner.agentId}`, { key: owner.key })
    // Any deletion removes what is due.
    await server.call('DELETE', '/api/files', { key: other.key, body: { fileId: file.id } })
    expect(await keptFor(owner)).toEqual([])
  })

  test('of somebody else cannot be read, listed or deleted, nor uploaded to their agent', async () => {
    const owner = await accountWithAgent()
    const other = await accountWithAgent()
    const { file } = (await upload(owner, 'secret.txt', 'secret')).body
    expect((await get(file.url, {}, other)).status).toBe(404)
    expect((await get(`/api/files/${file.id}/content`, {}, other)).status).toBe(404)
    expect((await (await get('/api/files', {}, other)).json()).count).toBe(0)
    expect((await server.call('DELETE', '/api/files', { key: other.key, body: { fileId: file.id } })).status).toBe(404)
    expect((await upload({ ...other, agentId: owner.agentId }, 'a.txt', 'one')).status).toBe(404)
    expect(await keptFor(other)).toEqual([])
  })

  test.each([
    ['../../etc/passwd', '_.._etc_passwd'],
    ['...', /^upload_\d+$/],
    ['CON.txt', '_CON.txt'],
    ['a\u202Eb"; x.txt', 'a_b___x.txt'],
    [`${'n'.repeat(200)}.txt`, `${'n'.repeat(124)}.txt`],
    [`${'n'.repeat(200)}.tar.gz`, `${'n'.repeat(121)}.tar.gz`],
    ['n'.repeat(200), 'n'.repeat(128)],
  ])('called %j have a safe name', async (name, safe) => {
    const content = Buffer.from('x').toString('base64')
    const { body } = await server.call('POST', '/api/files', {
      key: account.key,
      body: { agentId: account.agentId, filename: name, content },
    })
    if (typeof safe === 'string') expect(body.file.name).toBe(safe)
    else expect(body.file.name).toMatch(safe)
  })

  test('are of the type their bytes say', async () => {
    expect((await upload(account, 'a.txt', PNG, 'text/plain')).body.file.type).toBe('image/png')
    expect((await upload(account, 'a.png', 'only text', 'image/png')).body.file.type).toBe('text/plain')
    expect((await upload(account, 'a.json', '{"a": 1}', 'application/json')).body.file.type).toBe('application/json')
    expect((await upload(account, 'a.bin', Buffer.from([0, 1, 2, 3]), 'text/plain')).body.file.type).toBe('application/octet-stream')
    expect((await upload(account, 'a.md', 'MZ is how some programs begin', 'text/markdown')).body.file.type).toBe('text/markdown')
  })

  test('that are programs and say they are something else are refused', async () => {
    const owner = await accountWithAgent()
    for (const [content, type] of [
      [ELF, 'image/png'],
      ['#!/bin/sh\nrm -rf /', 'image/jpeg'],
    ] as const) {
      const answer = await upload(owner, 'photo.png', content, type)
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } })
    }
    expect(await keptFor(owner)).toEqual([])
    expect((await upload(owner, 'tool', ELF, 'application/octet-stream')).status).toBe(201)
  })

  test('lacking a field, or broken off, are refused', async () => {
    const send = async (body: FormData | string, headers: Record<string, string> = {}) =>
      (
        await fetch(`${server.url}/api/files`, { method: 'POST', headers: { authorization: `Bearer ${account.key}`, ...headers }, body })
      ).json()
    const noAgent = new FormData()
    noAgent.set('file', new Blob(['x']), 'x.txt')
    expect((await send(noAgent)).error).toContain('agentId')
    const noFile = new FormData()
    noFile.set('agentId', account.agentId)
    expect((await send(noFile)).error).toContain('file')
    const broken = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nthe beginning of'
    for (const type of ['multipart/form-data; boundary=b', 'multipart/form-data'])
      expect(await send(broken, { 'content-type': type })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await arriving()).toEqual([])
  })

  test('of a client that goes away leave nothing', async () => {
    const owner = await accountWithAgent()
    const sending = httpRequest(`${server.url}/api/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.key}`, 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1000000' },
    })
    sending.on('error', () => undefined)
    sending.write(`--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n${'x'.repeat(100_000)}`)
    await expect.poll(arriving).toHaveLength(1)
    sending.destroy()
    await expect.poll(arriving).toEqual([])
    expect(await keptFor(owner)).toEqual([])
    expect((await (await get('/api/files', {}, owner)).json()).count).toBe(0)
  })

  test('that do not fit into the plan are refused, also when two take the last room at once', async () => {
    const owner = await accountWithAgent()
    const { file } = (await upload(owner, 'large', 'x')).body
    // As if it had all of the 512 MB but 1000 bytes.
    const size = 512 * 1024 * 1024 - 1000
    await server.platform.databases.system.updateTable('files').set({ size }).where('id', '=', file.id).execute()
    expect(await upload(owner, 'b', Buffer.alloc(2_000_000))).toMatchObject({ status: 413, body: { code: 'STORAGE_FULL' } })
    const both = await Promise.all([upload(owner, 'c', 'y'.repeat(600)), upload(owner, 'd', 'z'.repeat(600))])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 413])
    expect(await keptFor(owner)).toHaveLength(2)
    expect(await arriving()).toEqual([])
  })

  test('of which the plan has no more room are refused, also when two take the last place at once', async () => {
    const owner = await accountWithAgent()
    const { id: accountId, agentId } = owner
    const rows = Array.from({ length: plans.solo.files - 1 }, (_, index) => {
      const id = `${accountId}-${index}`
      return { id, accountId, agentId, name: 'a', size: 1, type: 'text/plain', sha256: '0'.repeat(64), storageKey: id }
    })
    await server.platform.databases.system.insertInto('files').values(rows).execute()
    const both = await Promise.all([upload(owner, 'b', 'x'), upload(owner, 'c', 'x')])
    expect(both.map(({ status }) => status).sort()).toEqual([201, 413])
    expect(await upload(owner, 'd', 'x')).toMatchObject({ status: 413, body: { code: 'FILE_LIMIT_REACHED', limit: plans.solo.files } })
    expect(await keptFor(owner)).toHaveLength(1)
  })

  test('without a credential are not read at all', async () => {
    const form = new FormData()
    form.set('file', new Blob(['x']), 'x.txt')
    expect((await fetch(`${server.url}/api/files`, { method: 'POST', body: form })).status).toBe(401)
    expect(await arriving()).toEqual([])
  })

  test('can be listed and read by their agent', async () => {
    const { agentFileReaderOf } = await import('../../../server/agents/files/agent-file-reader.service.ts')
    const { jobContext } = await import('../../../server/platform/account/job-context.ts')
    const owner = await accountWithAgent()
    await upload(owner, 'berths.txt', 'Berth 9 is free.')
    await upload(owner, 'map.png', PNG, 'image/png')
    const reader = agentFileReaderOf((await jobContext(server.platform, owner.id))!, owner.agentId)
    expect(await reader.list(10)).toMatchObject({ count: 2, files: [{ name: 'map.png' }, { name: 'berths.txt' }] })
    expect(await reader.list(1)).toMatchObject({ count: 2, files: [{ name: 'map.png' }] })
    expect(await reader.read('berths.txt')).toBe('Berth 9 is free.')
    expect(await reader.read('none.txt')).toBeUndefined()
    await expect(reader.read('map.png')).rejects.toThrow('not a text file')
  })
})

test.each([
  ['while the bucket does not answer', () => (s3.isDown = true)],
  ['when the secret of the bucket is wrong', () => undefined],
])('a file is refused with 503 %s', async (what, prepare) => {
  const server = await startContractServer({
    DATA_DIR: folder,
    ...inBucket(),
    ...(what.includes('secret') ? { S3_SECRET_ACCESS_KEY: 'wrong' } : {}),
  })
  const { key } = await server.createAccount()
  const { agent } = (await server.call('POST', '/api/agents/provision', { key, body: { name: 'Clerk' } })).body
  prepare()
  const answer = await server.call('POST', '/api/files', { key, body: { agentId: agent.id, filename: 'a.txt', content: 'YQ==' } })
  s3.isDown = false
  expect(answer).toMatchObject({ status: 503, body: { code: 'STORAGE_UNAVAILABLE' } })
  expect((await server.call('GET', '/api/files', { key })).body.count).toBe(0)
  expect(await readdir(join(folder, 'files', '.arriving'))).toEqual([])
  await server.close()
})
