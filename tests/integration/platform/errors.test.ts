import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callGraphql } from '../../contract/graphql-transport.ts'
import { callTrpc } from '../../contract/trpc-transport.ts'
import { operations } from '../../../server/operations.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let account: TestAccount
beforeAll(async () => {
  server = await startTestServer()
  account = await server.createAccount()
})
afterAll(() => server.close())

const json = { 'content-type': 'application/json' }

describe('methods and paths', () => {
  test.each([
    ['DELETE', '/api/agents', 'GET, POST, HEAD, OPTIONS'],
    ['PATCH', '/api/agents/some', 'GET, PUT, DELETE, HEAD, OPTIONS'],
    ['GET', '/api/register', 'POST, OPTIONS'],
    ['POST', '/api/health', 'GET, HEAD, OPTIONS'],
    ['PUT', '/health', 'GET, HEAD, OPTIONS'],
  ])('%s %s answers 405 with what is possible', async (method, path, allow) => {
    const answer = await server.call(method, path)
    expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
    expect(answer.headers.get('allow')).toBe(allow)
  })

  test.each(['/api/nothing', '/api/agents/a/b/c', '/api/Agents/x/y', '/api/trial/x'])(
    '%s does not exist, which is said in JSON',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await server.call(method, path)
        expect(answer).toMatchObject({ status: 404, body: { code: 'UNKNOWN_PATH', error: expect.stringContaining(path) } })
      }
    },
  )

  test.each([
    ['GET', '/v1', 404, 'UNKNOWN_PATH'],
    ['POST', '/v1/nothing', 404, 'UNKNOWN_PATH'],
    ['GET', `/v1/models/${'x'.repeat(2000)}`, 404, 'MODEL_NOT_FOUND'],
    ['DELETE', '/v1/models', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/chat/completions', 405, 'METHOD_NOT_ALLOWED'],
  ])('%s %s answers as the OpenAI API does', async (method, path, status, code) => {
    const answer = await server.call(method, path, account)
    expect(answer).toMatchObject({
      status,
      body: { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code } },
    })
    expect(answer.headers.has('allow')).toBe(status === 405)
  })

  test('a slash at the end, or two in a row, make no difference', async () => {
    for (const path of ['/api/health/', '/api//health']) expect((await server.call('GET', path)).status).toBe(200)
  })

  test('HEAD answers as GET does, without the body', async () => {
    const head = await server.call('HEAD', '/api/settings', account)
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(head.headers.get('content-type')).toContain('application/json')
    expect((await server.call('HEAD', '/api/settings')).status).toBe(401)
    expect((await server.call('HEAD', '/api/register')).status).toBe(405)
  })

  test('OPTIONS says what is possible', async () => {
    const answer = await server.call('OPTIONS', '/api/agents')
    expect(answer.status).toBe(204)
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD, OPTIONS')
  })
})

describe('bodies', () => {
  test.each(['{"name": ', '{name: "x"}', 'undefined', '{"name":"x"}}'])('that are not JSON get 400: %s', async (body) => {
    const answer = await server.call('POST', '/api/agents', { key: account.key, body })
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', error: 'The body: expected valid JSON' } })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'of the type "%s" get 415',
    async (type) => {
      const body = new Blob(['{"name":"Night Clerk"}'])
      const response = await fetch(`${server.url}/api/agents`, {
        method: 'POST',
        headers: { authorization: `Bearer ${account.key}`, ...(type ? { 'content-type': type } : {}) },
        body,
      })
      expect(response.status).toBe(415)
      expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
    },
  )

  test('of JSON with a character set are read', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    expect((await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Üla' }, headers })).body.name).toBe('Üla')
  })

  test('may be left out where nothing is needed', async () => {
    expect((await server.call('POST', '/api/auth/signout')).status).toBe(200)
    const answer = await server.call('POST', '/api/agents', { key: account.key })
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ field: 'name' }] } })
  })

  const tooLarge = { code: 'BODY_TOO_LARGE', limitBytes: 1_000_000 }
  const tooLargeForModel = { ...tooLarge, limitBytes: 32_000_000, type: 'invalid_request_error', param: null }
  test.each<[path: string, body: object, megabytes?: number]>([
    ['/api/agents', tooLarge],
    ['/v1/chat/completions', { error: tooLargeForModel }, 32],
    ['/trpc/agents.create', { error: { data: { httpStatus: 413, appCode: tooLarge.code, details: { limitBytes: tooLarge.limitBytes } } } }],
    ['/graphql', { errors: [{ extensions: { ...tooLarge, status: 413 } }] }],
  ])('over the limit are refused with 413, announced or not: %s', async (path, body, megabytes = 1) => {
    const piece = 'x'.repeat(100_000)
    const announced: Record<string, string>[] = [{ 'content-length': String(megabytes * 2_000_000) }, { 'transfer-encoding': 'chunked' }]
    for (const headers of announced) {
      const answer = await upload(path, headers, piece, megabytes * 20)
      expect(answer.status, JSON.stringify(headers)).toBe(413)
      expect(JSON.parse(answer.body)).toMatchObject(body)
    }
  })

  test('of up to 1 MB that come in pieces are read', async () => {
    const answer = await upload('/api/agents', { 'transfer-encoding': 'chunked' }, ' '.repeat(99_999), 10, '{}')
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ fields: [{ field: 'name' }] })
  })

  test('may have fields nobody knows', async () => {
    const body = { name: 'Night Clerk', unknown: 1, id: 'mine', accountId: 'usr_other', account_id: 'usr_other', status: 'running' }
    const created = await server.call('POST', '/api/agents', { key: account.key, body })
    expect(created).toMatchObject({ status: 201, body: { status: 'pending' } })
    expect(created.body.id).not.toBe('mine')
  })

  test('are taken as they are: no text becomes a number, no number a text', async () => {
    for (const [config, field] of [
      [{ temperature: '0.3' }, 'config.temperature'],
      [{ maxTokens: true }, 'config.maxTokens'],
      [{ memoryEnabled: 'yes' }, 'config.memoryEnabled'],
      [{ instructions: 5 }, 'config.instructions'],
    ] as const) {
      const answer = await server.call('POST', '/api/agents', { key: account.key, body: { name: 'Night Clerk', config } })
      expect(answer).toMatchObject({ status: 400, body: { fields: [{ field }] } })
    }
  })
})

/** Sends a body piece by piece, and stops as soon as there is an answer. */
function upload(
  path: string,
  headers: Record<string, string>,
  piece: string,
  pieces: number,
  end = '',
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(server.url + path, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${account.key}`, ...headers },
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
    )
    outgoing.on('response', (incoming) => {
      let body = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (text: string) => (body += text))
      incoming.on('end', () => {
        outgoing.destroy()
        resolve({ status: incoming.statusCode!, body })
      })
    })
    for (let sent = 0; sent < pieces; sent++) outgoing.write(piece)
    outgoing.end(end)
  })
}

describe('text the database cannot store is refused by the name of its field', () => {
  const text = 'before\0after'
  const lone = 'half \ud800 a pair'

  test.each([text, lone])('over REST: %j', async (bad) => {
    const answer = await server.call('POST', '/api/agents', { key: account.key, body: { name: bad } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field: 'name' }] } })
    const deep = await server.call('POST', '/api/agents', {
      key: account.key,
      body: { name: 'x', config: { list: [{ [`key${bad}`]: 1 }] } },
    })
    expect(deep).toMatchObject({ status: 400, body: { fields: [{ field: 'config.list.0' }] } })
  })

  test('in a path or a query', async () => {
    expect(await server.call('GET', '/api/agents/%00', account)).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } })
    expect(await server.call('GET', '/api/chat?topic=a%00b', account)).toMatchObject({
      status: 400,
      body: { fields: [{ field: 'topic' }] },
    })
  })

  test.each([text, lone])('over tRPC and GraphQL: %j', async (name) => {
    const refused = { status: 400, code: 'INVALID_INPUT', details: { fields: [{ field: 'name' }] } }
    expect(await callTrpc(server, operations.agents.create, { name }, account)).toMatchObject(refused)
    expect(await callGraphql(server, operations.agents.create, { name }, account)).toMatchObject(refused)
  })
})

describe('GraphQL', () => {
  const errorsOf = async (query: string) => {
    const { body } = await server.graphql(query, {}, account)
    expect(Object.values(body.data ?? {}).filter((value) => value !== null)).toEqual([])
    return body.errors.map(({ message }: { message: string }) => message).join('\n')
  }

  test('refuses a query that asks for its own schema over and over', async () => {
    const deep = 'fields { type { '.repeat(6) + 'name' + ' } }'.repeat(6)
    expect(await errorsOf(`{ __schema { types { ${deep} } } }`)).toMatch(/values of the schema itself/)
  })

  test('refuses a query that would cost too much', async () => {
    expect(await errorsOf('{ agents(first: 100) { edges { node { messages(first: 100) { edges { node { id content } } } } } } }')).toMatch(
      /maximum complexity/,
    )
  })

  test('refuses a query with too many fields side by side', async () => {
    const fields = Array.from({ length: 301 }, (_, index) => `a${index}: version { version }`).join(' ')
    expect(await errorsOf(`{ ${fields} }`)).toMatch(/fields at the root/)
  })

  test('says what is wrong with a query', async () => {
    expect(await errorsOf('{ nothing }')).toMatch(/Cannot query field "nothing"/)
    expect(await errorsOf('{ agent }')).toMatch(/agentId/)
    expect(await errorsOf('{ ')).toMatch(/Syntax Error/)
  })
})
