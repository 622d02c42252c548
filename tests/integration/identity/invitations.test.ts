import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startFakeSmtp } from '../../fakes/smtp.ts'
import { callIn, createTeam, invite, joinTeam } from '../../helpers/teams.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'

let server: TestServer
let ines: TestAccount
let team: string
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  ines = await server.createAccount()
  team = await createTeam(server, { cookie: ines.cookie })
})

const own = () => ({ cookie: ines.cookie })
const ask = (email: string, role = 'member') => callIn(server, team, 'POST', '/api/workspaces/current/invitations', own(), { email, role })
const look = (token: string, on = server) => on.call('POST', '/api/workspaces/invitations/look', { body: { token } })
const accept = (token: string, { cookie }: TestAccount, on = server) =>
  on.call('POST', '/api/workspaces/invitations/accept', { cookie, body: { token } })
const pending = async () => (await callIn(server, team, 'GET', '/api/workspaces/current/invitations', own())).body.invitations

let addresses = 0
const newAddress = () => `guest${++addresses}-${Date.now()}@example.org`

describe('an invitation', () => {
  test('is a link that says where to, and for whom but for most of the address', async () => {
    const { status, body } = await ask('Tom.Reed@example.org', 'admin')
    expect(status).toBe(201)
    expect(body).toMatchObject({ email: 'Tom.Reed@example.org', role: 'admin', invitedBy: expect.any(String) })
    expect(body.link).toMatch(/\/invitation#[\w-]{43}$/)
    const answer = await look(new URL(body.link).hash.slice(1))
    expect(answer.body).toEqual({
      workspace: { id: team, name: 'Harbour Records' },
      email: 'T•••@example.org',
      role: 'admin',
      invitedBy: body.invitedBy,
      expiresAt: body.expiresAt,
    })
    expect(JSON.stringify(await pending())).not.toContain(new URL(body.link).hash.slice(1))
  })

  test('makes who has its address a member, once', async () => {
    const tom = await server.createAccount()
    const { token } = await invite(server, team, own(), tom.email.toUpperCase(), 'viewer')
    const before = await look(token)
    expect(before.status).toBe(200)
    expect(await accept(token, tom)).toMatchObject({ status: 200, body: { id: team, name: 'Harbour Records', role: 'viewer' } })
    expect((await callIn(server, team, 'GET', '/api/agents', { cookie: tom.cookie })).status).toBe(200)
    for (const answer of [await accept(token, tom), await look(token)])
      expect(answer).toMatchObject({ status: 404, body: { code: 'INVITATION_NOT_FOUND' } })
    expect(await pending()).toEqual([])
  })

  test('is refused to whoever has another address, and stays good', async () => {
    const [tom, eve] = [await server.createAccount(), await server.createAccount()]
    const { token } = await invite(server, team, own(), tom.email)
    const refused = await accept(token, eve)
    expect(refused).toMatchObject({ status: 403, body: { code: 'INVITATION_FOR_ANOTHER_ADDRESS', email: `u•••@example.org` } })
    expect(JSON.stringify(refused.body)).not.toContain(tom.email)
    expect((await callIn(server, team, 'GET', '/api/agents', { cookie: eve.cookie })).status).toBe(404)
    expect((await accept(token, tom)).status).toBe(200)
  })

  test('is taken once, however many ask at once', async () => {
    const tom = await server.createAccount()
    const { token } = await invite(server, team, own(), tom.email)
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(token, tom)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
  })

  test('needs somebody who is signed in, and no key', async () => {
    const { token } = await invite(server, team, own(), newAddress())
    expect((await server.call('POST', '/api/workspaces/invitations/accept', { body: { token } })).status).toBe(401)
    const withKey = await server.call('POST', '/api/workspaces/invitations/accept', { key: ines.key, body: { token } })
    expect(withKey).toMatchObject({ status: 401, body: { code: 'SESSION_REQUIRED' } })
  })

  test.each(['expired', 'withdrawn', 'sent anew', 'to a closed workspace'])('that is %s is not good any more', async (how) => {
    const tom = await server.createAccount()
    const { id, token } = await invite(server, team, own(), tom.email)
    const { system } = server.platform.databases
    const path = `/api/workspaces/current/invitations/${id}`
    if (how === 'expired') await sql`update invitations set expires_at = now() where id = ${id}`.execute(system)
    if (how === 'withdrawn') expect((await callIn(server, team, 'DELETE', path, own())).status).toBe(200)
    if (how === 'sent anew') {
      const { body } = await callIn(server, team, 'POST', `${path}/resend`, own())
      expect((await look(new URL(body.link).hash.slice(1))).status).toBe(200)
    }
    if (how === 'to a closed workspace') await sql`update accounts set suspended_at = now() where id = ${team}`.execute(system)
    for (const answer of [await look(token), await accept(token, tom)])
      expect(answer).toMatchObject({ status: 404, body: { code: 'INVITATION_NOT_FOUND' } })
  })

  test('is one for each address; one that is over makes way', async () => {
    const email = newAddress()
    const { id } = await invite(server, team, own(), email)
    expect(await ask(email.toUpperCase())).toMatchObject({
      status: 409,
      body: { code: 'INVITED_ALREADY', field: 'email', invitationId: id },
    })
    const together = newAddress()
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(together)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    await sql`update invitations set expires_at = now() where id = ${id}`.execute(server.platform.databases.system)
    expect((await ask(email)).status).toBe(201)
    expect(await pending()).toHaveLength(2)
  })

  test('is not for who is in the workspace already', async () => {
    const tom = await joinTeam(server, team, own())
    expect(await ask(tom.email)).toMatchObject({ status: 409, body: { code: 'MEMBER_ALREADY', field: 'email' } })
  })

  test('gives no more than the inviter has, now as then', async () => {
    const admin = await joinTeam(server, team, own(), 'admin')
    const asAdmin = (method: string, path: string, body?: unknown) => callIn(server, team, method, path, { cookie: admin.cookie }, body)
    const path = '/api/workspaces/current/invitations'
    expect(await asAdmin('POST', path, { email: newAddress(), role: 'owner' })).toMatchObject({
      status: 403,
      body: { code: 'ROLE_TOO_HIGH' },
    })
    const { id } = await invite(server, team, own(), newAddress(), 'owner')
    for (const answer of [await asAdmin('POST', `${path}/${id}/resend`), await asAdmin('DELETE', `${path}/${id}`)])
      expect(answer).toMatchObject({ status: 403, body: { code: 'ROLE_TOO_HIGH' } })
  })

  test('of one workspace is unknown in another', async () => {
    const { id } = await invite(server, team, own(), newAddress())
    const other = await server.createAccount()
    const theirs = await createTeam(server, { cookie: other.cookie })
    const path = `/api/workspaces/current/invitations/${id}`
    for (const answer of [
      await callIn(server, theirs, 'DELETE', path, { cookie: other.cookie }),
      await callIn(server, theirs, 'POST', `${path}/resend`, { cookie: other.cookie }),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'INVITATION_NOT_FOUND' } })
  })

  test('of which there are too many is refused', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({
      id: `inv_${team}${index}`,
      accountId: team,
      email: `many${index}@example.org`,
      role: 'viewer',
      tokenHash: `${team}${index}`,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    }))
    await server.platform.databases.system.insertInto('invitations').values(rows).execute()
    expect(await ask(newAddress())).toMatchObject({ status: 409, body: { code: 'TOO_MANY_INVITATIONS', limit: 100 } })
  })
})

describe('whoever registers by an invitation', () => {
  const register = (email: string, invitation: string, on = server) =>
    on.call('POST', '/api/register', { body: { email, password: 'correct horse battery', invitation } })

  test('is a member at once', async () => {
    const email = newAddress()
    const { token } = await invite(server, team, own(), email, 'viewer')
    const { status, body } = await register(email, token)
    expect(status).toBeLessThan(300)
    const { members } = (await callIn(server, team, 'GET', '/api/workspaces/current/members', own())).body
    expect(members.at(-1)).toMatchObject({ userId: body.id, email, role: 'viewer' })
    // The inviter saw the link, so it proves nothing of the mailbox.
    const user = await server.platform.databases.system.selectFrom('users').where('id', '=', body.id).selectAll().executeTakeFirst()
    expect(user?.emailVerifiedAt).toBeNull()
  })

  test('needs its address, and an invitation that is good', async () => {
    const { token } = await invite(server, team, own(), newAddress())
    expect(await register(newAddress(), token)).toMatchObject({ status: 403, body: { code: 'INVITATION_FOR_ANOTHER_ADDRESS' } })
    expect(await register(newAddress(), 'nonsense')).toMatchObject({ status: 404, body: { code: 'INVITATION_NOT_FOUND' } })
  })

  test('is let in where new accounts come by invitation only, and not where none come', async () => {
    const { env } = server.platform
    const before = env.SIGNUPS
    try {
      env.SIGNUPS = 'invite'
      const email = newAddress()
      const { token } = await invite(server, team, own(), email)
      expect((await register(email, token)).status).toBeLessThan(300)
      expect(
        await server.call('POST', '/api/register', { body: { email: newAddress(), password: 'correct horse battery' } }),
      ).toMatchObject({
        status: 403,
        body: { code: 'INVITE_REQUIRED' },
      })
      env.SIGNUPS = 'closed'
      const other = newAddress()
      expect(await register(other, (await invite(server, team, own(), other)).token)).toMatchObject({
        status: 403,
        body: { code: 'SIGNUPS_CLOSED' },
      })
    } finally {
      env.SIGNUPS = before
    }
  })
})

describe('the mail', () => {
  test('goes to the invited alone, whose mailbox it proves; the inviter does not see the link', async () => {
    const smtp = await startFakeSmtp()
    const mailing = await startTestServer({ SMTP_URL: smtp.url, MAIL_FROM: 'agentbot@example.org' })
    try {
      const owner = await mailing.createAccount()
      const id = await createTeam(mailing, { cookie: owner.cookie })
      const tom = await mailing.createAccount()
      const path = '/api/workspaces/current/invitations'
      const { body } = await callIn(mailing, id, 'POST', path, { cookie: owner.cookie }, { email: tom.email, role: 'member' })
      expect(body.link).toBeNull()
      const mail = await vi.waitUntil(() => smtp.mails.find(({ subject }) => subject?.startsWith('You are invited')), { timeout: 10_000 })
      expect(mail).toMatchObject({ subject: 'You are invited to Harbour Records', recipients: [tom.email] })
      const token = /invitation#([\w-]{43})/.exec(mail.text ?? '')![1]!
      expect((await accept(token, tom, mailing)).status).toBe(200)
      const { system } = mailing.platform.databases
      const user = await system.selectFrom('users').where('id', '=', tom.id).select('emailVerifiedAt').executeTakeFirst()
      expect(user?.emailVerifiedAt).not.toBeNull()
    } finally {
      await mailing.close()
      await smtp.close()
    }
  })

  test('is in the outbox of a server that has nobody to hand it to', async () => {
    const email = newAddress()
    await ask(email)
    const folder = join(server.platform.env.DATA_DIR, 'outbox')
    const texts = async () => {
      const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'))
      return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
    }
    await vi.waitUntil(async () => (await texts()).some((text) => text.includes(email) && text.includes('/invitation#')), {
      timeout: 10_000,
    })
  })
})
