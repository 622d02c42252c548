export type { Letter, LetterPart, Recipient } from './letter.ts'
export { MAIL, mailJob, sendMail } from './mail.service.ts'
