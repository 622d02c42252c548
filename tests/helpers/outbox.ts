import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { TestServer } from './test-server.ts'

/** A mail a server without a mail server kept. */
export interface KeptMail {
  id: string
  to: string
  subject: string
  text: string
}

/** All mails that were kept for an address, oldest first. */
export async function mailsTo({ platform }: TestServer, address: string): Promise<KeptMail[]> {
  const folder = join(platform.env.DATA_DIR, 'outbox')
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json')).sort()
  const mails = await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as KeptMail))
  return mails.filter(({ to }) => to === address)
}

/** The mails to an address, oldest first, once there are so many. */
export async function waitForMails(server: TestServer, address: string, count: number): Promise<KeptMail[]> {
  await vi.waitUntil(async () => (await mailsTo(server, address)).length === count, { interval: 20, timeout: 15_000 })
  return mailsTo(server, address)
}

/** Resolves once nothing is left to send. */
export const waitForQueue = ({ platform }: TestServer) =>
  expect
    .poll(
      () =>
        platform.databases.system
          .selectFrom('jobs')
          .where('accountId', 'is', null)
          .where('status', 'in', ['queued', 'running'])
          .select('type')
          .execute(),
      { interval: 20, timeout: 15_000 },
    )
    .toEqual([])

/** The token of the link in a mail. */
export const tokenIn = ({ text }: KeptMail): string => /#([\w-]{43})$/m.exec(text)![1]!
