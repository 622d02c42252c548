export { passwordChangedLetter } from './mailbox.letters.ts'
export { pageOf } from './links.ts'
export { PASSWORD_RESET, passwordResetJob } from './recovery.service.ts'
export { askToVerify, followAddressChange } from './verification.service.ts'
