export type { Letter, LetterPart } from './letter.ts'
export { MAIL, mailJob, sendMail } from './mail.service.ts'
