import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MAIL, sendMail } from '../../../server/integrations/mail/index.ts'
import { startFakeSmtp, type FakeSmtp } from '../../fakes/smtp.ts'
import { TestClock } from '../../helpers/test-clock.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'
import { startWorkerServer } from '../../helpers/worker-server.ts'

const to = { name: 'Ines Vale', address: 'ines@example.org' }
const secretLink = 'https://agents.example.org/reset-password#0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'
const letter = { subject: 'Hello from the harbour', parts: ['Good morning.', { link: secretLink, label: 'Choose a password' }] }

const jobsOf = ({ platform }: TestServer) =>
  platform.databases.system
    .selectFrom('jobs')
    .where('type', '=', MAIL)
    .select(['id', 'status', 'attempts', 'payload', 'result', 'errorCode', 'accountId'])
    .orderBy('id')
    .execute()

const idle = (server: TestServer) =>
  expect
    .poll(async () => (await jobsOf(server)).filter(({ status }) => status === 'queued' || status === 'running'), {
      interval: 20,
      timeout: 15_000,
    })
    .toEqual([])

describe('with a mail server', () => {
  let smtp: FakeSmtp
  let server: TestServer
  beforeAll(async () => {
    smtp = await startFakeSmtp()
    server = await startTestServer({
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Agentbot <agentbot@example.org>',
      APP_URL: 'https://agents.example.org',
    })
  })
  beforeEach(async () => {
    Object.assign(smtp, { mails: [], attempts: 0, refusals: [] })
    await server.platform.databases.system.deleteFrom('jobs').execute()
  })
  afterAll(async () => {
    await server.close()
    await smtp.close()
  })

  test('it arrives as text and as a page, and says that a machine wrote it', async () => {
    await sendMail(server.platform, { to, letter })
    await idle(server)
    const [mail] = smtp.mails
    const [job] = await jobsOf(server)
    expect(mail).toMatchObject({
      recipients: ['ines@example.org'],
      subject: 'Hello from the harbour',
      messageId: `<${job!.id}@agents.example.org>`,
      from: { value: [{ name: 'Agentbot', address: 'agentbot@example.org' }] },
      to: { value: [{ name: 'Ines Vale', address: 'ines@example.org' }] },
    })
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mail!.text).toContain(`Choose a password:\n${secretLink}`)
    expect(mail!.html).toContain(`href="${secretLink}"`)
    expect(job).toMatchObject({ status: 'completed', accountId: null, payload: {}, result: { sentBy: 'smtp' } })
  })

  test('an address or a name with more in it than that goes to nobody else', async () => {
    await sendMail(server.platform, { to: { name: 'A <x@evil.example>, b', address: 'ines@example.org' }, letter })
    await sendMail(server.platform, { to: { name: 'A\r\nBcc: x@evil.example', address: 'ines@example.org' }, letter })
    await sendMail(server.platform, { to: { name: '', address: 'ines@example.org\r\nBcc: x@evil.example' }, letter })
    await sendMail(server.platform, { to: { name: '', address: 'ines@example.org, x@evil.example' }, letter })
    await idle(server)
    expect(smtp.mails.flatMap(({ recipients }) => recipients).filter((address) => address.endsWith('@evil.example'))).toEqual([])
    expect(smtp.mails.filter(({ bcc }) => bcc)).toEqual([])
  })

  test('one that is refused for good is not tried again', async () => {
    smtp.refusals.push(550)
    await sendMail(server.platform, { to, letter })
    await idle(server)
    expect(await jobsOf(server)).toMatchObject([{ status: 'failed', attempts: 1, errorCode: 'MAIL_REFUSED' }])
    expect(smtp.attempts).toBe(1)
  })

  test('in the queue nobody can read what it says', async () => {
    smtp.refusals.push(451)
    await sendMail(server.platform, { to, letter })
    await expect
      .poll(() => jobsOf(server), { interval: 20, timeout: 15_000 })
      .toMatchObject([{ status: 'queued', attempts: 1, errorCode: 'MAIL_DELAYED' }])
    const [job] = await jobsOf(server)
    expect(JSON.stringify(job)).not.toMatch(/harbour|ines|0123456789abcdef/)
  })

  test('one that is not taken at first is tried again, later each time, as the same mail', async () => {
    smtp.refusals.push(451, 451)
    await sendMail(server.platform, { to, letter })
    await expect.poll(() => jobsOf(server), { interval: 20, timeout: 15_000 }).toMatchObject([{ status: 'queued', attempts: 1 }])
    const clock = new TestClock()
    const worker = await startWorkerServer(server, clock)
    clock.moveTo(new Date(Date.now() + 11_000))
    await worker.settled()
    expect(await jobsOf(server)).toMatchObject([{ status: 'queued', attempts: 2 }])
    clock.moveBy(61_000)
    await worker.settled()
    await worker.stop()
    const [job] = await jobsOf(server)
    expect(job).toMatchObject({ status: 'completed', attempts: 3 })
    expect(smtp.mails.map(({ messageId }) => messageId)).toEqual([`<${job!.id}@agents.example.org>`])
  })

  test('it is not sent once what it says has expired', async () => {
    await sendMail(server.platform, { to, letter, until: new Date(Date.now() - 1).toISOString() })
    await idle(server)
    expect(await jobsOf(server)).toMatchObject([{ status: 'failed', errorCode: 'MAIL_OUTDATED' }])
    expect(smtp.attempts).toBe(0)
  })
})

describe('with a mail server that is away, or wants another password', () => {
  test.each(['smtp://agentbot:x@127.0.0.1:9', 'wrong password'])('the mail waits (%s)', async (address) => {
    const smtp = await startFakeSmtp()
    const url = address === 'wrong password' ? smtp.url.replace(/:[^:@]+@/, ':another-one@') : address
    const server = await startTestServer({ SMTP_URL: url, MAIL_FROM: 'agentbot@example.org' })
    await sendMail(server.platform, { to, letter })
    await expect
      .poll(() => jobsOf(server), { interval: 20, timeout: 15_000 })
      .toMatchObject([{ status: 'queued', attempts: 1, errorCode: 'MAIL_DELAYED' }])
    await server.close()
    await smtp.close()
  })
})

describe('without a mail server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  test('it is kept in the data folder, where only the server can read it', async () => {
    await sendMail(server.platform, { to, letter })
    await idle(server)
    const folder = join(server.platform.env.DATA_DIR, 'outbox')
    const [job] = await jobsOf(server)
    expect((await readdir(folder)).sort()).toEqual([`${job!.id}.eml`, `${job!.id}.json`])
    const mail = await simpleParser(await readFile(join(folder, `${job!.id}.eml`)))
    expect(mail).toMatchObject({ subject: 'Hello from the harbour', to: { text: '"Ines Vale" <ines@example.org>' } })
    expect(mail.text).toContain(secretLink)
    const modes = await Promise.all([folder, join(folder, `${job!.id}.eml`)].map(async (path) => (await stat(path)).mode & 0o777))
    expect(modes).toEqual([0o700, 0o600])
  })
})
