export type { Letter, LetterPart, Recipient } from './letter.ts'
export { MAIL, mailJob, sendMail } from './mail.service.ts'
export { MailNotFound } from './mail.errors.ts'
export { type OutboxMail, countOutbox, findInOutbox, listOutbox } from './outbox.ts'
