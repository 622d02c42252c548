import { AppError } from '#server/platform/core/index.ts'

/** The mail server will not take this mail, now or later. */
export class MailRefused extends AppError {
  constructor(cause: Error, responseCode: number | undefined) {
    super('unprocessable', 'MAIL_REFUSED', `The mail server refuses the mail${inBrackets(responseCode)}.`, {}, { cause })
  }
}

/** The mail server could not be reached, or does not take the mail for now. */
export class MailDelayed extends AppError {
  constructor(cause: Error, responseCode: number | undefined) {
    super('upstream', 'MAIL_DELAYED', `The mail server does not take the mail for now${inBrackets(responseCode)}.`, {}, { cause })
  }
}

/** What the mail says no longer holds, such as a link that has expired. */
export class MailOutdated extends AppError {
  constructor() {
    super('unprocessable', 'MAIL_OUTDATED', 'The mail could not be sent in time.')
  }
}

export class MailNotFound extends AppError {
  constructor(mailId: string) {
    super('not_found', 'MAIL_NOT_FOUND', `The outbox has no mail "${mailId}".`)
  }
}

const inBrackets = (code: number | undefined): string => (code === undefined ? '' : ` (${code})`)
