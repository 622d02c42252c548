import { AppError, Forbidden } from '#server/platform/core/index.ts'

/** It never was, is over, was withdrawn or accepted: these are not told apart. */
export class InvitationNotFound extends AppError {
  constructor() {
    super('not_found', 'INVITATION_NOT_FOUND', 'This invitation is not good any more. Ask for a new one.')
  }
}

export class MemberAlready extends AppError {
  constructor() {
    super('conflict', 'MEMBER_ALREADY', 'email: they are in the workspace already.', { field: 'email' })
  }
}

export class InvitedAlready extends AppError {
  constructor(invitationId: string) {
    super('conflict', 'INVITED_ALREADY', 'email: they are invited already. Send that invitation anew, or withdraw it.', {
      field: 'email',
      invitationId,
    })
  }
}

export class TooManyInvitations extends AppError {
  constructor(limit: number) {
    super('conflict', 'TOO_MANY_INVITATIONS', `A workspace can have ${limit} open invitations. Withdraw one first.`, { limit })
  }
}

/** Whoever has a link that was passed on must not get in by it. */
export class ForAnotherAddress extends Forbidden {
  constructor(maskedEmail: string) {
    super('INVITATION_FOR_ANOTHER_ADDRESS', `This invitation is for ${maskedEmail}. Sign in with that address, or ask for one to yours.`, {
      email: maskedEmail,
    })
  }
}
