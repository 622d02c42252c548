import type { Platform } from '#server/platform/core/index.ts'
import type { Letter, Recipient } from './letter.ts'
import { letterHtml, letterText } from './letter.rules.ts'

/** A mail that is about to leave. */
export interface Mail {
  /** The same for every attempt, so that one that arrived twice is seen once. */
  id: string
  to: Recipient
  letter: Letter
}

/** The mail as nodemailer takes it. Nothing in it can have it read a file or an address. */
export function toMessage({ env }: Platform, { id, to, letter }: Mail) {
  return {
    messageId: `<${id}@${new URL(env.APP_URL).hostname}>`,
    from: senderOf(env),
    to: { name: to.name, address: to.address },
    subject: letter.subject,
    text: letterText(letter, env.APP_URL),
    html: letterHtml(letter, env.APP_URL),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

const senderOf = ({ MAIL_FROM, APP_URL }: Platform['env']): Recipient =>
  MAIL_FROM ?? { name: 'Agentbot', address: `agentbot@${new URL(APP_URL).hostname}` }
