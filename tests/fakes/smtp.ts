import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

/** A mail that was taken. */
export interface ReceivedMail extends ParsedMail {
  /** Of the envelope, which is where it really goes. */
  recipients: string[]
  /** As it came. */
  raw: string
}

/** A mail server that wants a password, and refuses what it is told to. */
export interface FakeSmtp {
  /** With the credentials it wants. */
  url: string
  mails: ReceivedMail[]
  /** How often somebody tried to hand it a mail. */
  attempts: number
  /** What it says to the next mails, one each, instead of taking them: 451 for not now, 550 for never. */
  refusals: number[]
  close(): Promise<void>
}

const user = 'agentbot'
const password = 'a-password-of-the-mail-server'

export async function startFakeSmtp(): Promise<FakeSmtp> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, callback) =>
      auth.username === user && auth.password === password
        ? callback(null, { user })
        : callback(Object.assign(new Error('Wrong credentials'), { responseCode: 535 })),
    onRcptTo(_address, _session, callback) {
      fake.attempts++
      const refusal = fake.refusals.shift()
      callback(refusal ? Object.assign(new Error('Not this mail'), { responseCode: refusal }) : null)
    },
    onData(stream, session, callback) {
      const read = async () => {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        const raw = Buffer.concat(chunks)
        const recipients = session.envelope.rcptTo.map(({ address }) => address)
        fake.mails.push({ ...(await simpleParser(raw)), recipients, raw: raw.toString('utf8') })
      }
      read().then(
        () => callback(),
        (error: Error) => callback(error),
      )
    },
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()))
  const { port } = server.server.address() as AddressInfo
  const fake: FakeSmtp = {
    url: `smtp://${user}:${password}@127.0.0.1:${port}`,
    mails: [],
    attempts: 0,
    refusals: [],
    close: () => new Promise((closed) => server.close(() => closed())),
  }
  return fake
}
