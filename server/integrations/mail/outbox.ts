import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform } from '#server/platform/core/index.ts'
import { letterText } from './letter.rules.ts'
import { toMessage, type Mail } from './message.ts'
import type { OutboxMail } from './outbox.contract.ts'

/** Older mails go when there are more. */
const MAX_KEPT = 1000

const folderOf = ({ env }: Platform): string => join(env.DATA_DIR, 'outbox')

/** Ids sort by time. */
const isRecord = (file: string): boolean => /^job_[0-9a-z]{26}\.json$/.test(file)

/**
 * Keeps a mail in `DATA_DIR/outbox` as `<id>.eml`, for a server that has nobody to hand it to, and what people read of it
 * beside that. Only the server's own user can read the files.
 */
export async function keepInOutbox(platform: Platform, mail: Mail): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail(toMessage(platform, mail))
  const record: OutboxMail = {
    id: mail.id,
    to: mail.to.address,
    subject: mail.letter.subject,
    text: letterText(mail.letter, platform.env.APP_URL),
    createdAt: new Date().toISOString(),
  }
  const folder = folderOf(platform)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeWhole(join(folder, `${mail.id}.eml`), message as Buffer)
  await writeWhole(join(folder, `${mail.id}.json`), `${JSON.stringify(record, null, 1)}\n`)
  for (const file of (await recordsIn(folder)).slice(MAX_KEPT))
    for (const old of [file, file.replace(/json$/, 'eml')]) await rm(join(folder, old), { force: true })
}

/** Whoever reads the folder meanwhile sees the file whole, or not at all. */
async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.part`, content, { mode: 0o600 })
  await rename(`${path}.part`, path)
}

/** Newest first. */
const recordsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(ifMissing([]))).filter(isRecord).sort().reverse()

/** The mails that were kept, newest first, from behind the mail `after`. */
export async function listOutbox(platform: Platform, limit: number, after?: string): Promise<OutboxMail[]> {
  const files = await recordsIn(folderOf(platform))
  const wanted = after === undefined ? files : files.filter((file) => file < `${after}.json`)
  const mails = await Promise.all(wanted.slice(0, limit).map((file) => findInOutbox(platform, file.slice(0, -'.json'.length))))
  return mails.filter((mail) => mail !== undefined)
}

export const countOutbox = async (platform: Platform): Promise<number> => (await recordsIn(folderOf(platform))).length

export async function findInOutbox(platform: Platform, id: string): Promise<OutboxMail | undefined> {
  if (!isRecord(`${id}.json`)) return undefined
  const text = await readFile(join(folderOf(platform), `${id}.json`), 'utf8').catch(ifMissing(undefined))
  return text === undefined ? undefined : (JSON.parse(text) as OutboxMail)
}

const ifMissing =
  <T>(fallback: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return fallback
    throw error
  }
