import { AppError, Forbidden } from '#server/platform/core/index.ts'
import type { Role } from '#server/platform/core/roles.contract.ts'

export class MemberNotFound extends AppError {
  constructor() {
    super('not_found', 'MEMBER_NOT_FOUND', 'Nobody with this id is in the workspace.')
  }
}

/** A workspace without an owner could never be given away or deleted. */
export class LastOwner extends AppError {
  constructor() {
    super('conflict', 'LAST_OWNER', 'The workspace needs an owner: make somebody else one first.')
  }
}

/** Nobody gives or takes more than they have. */
export class RoleTooHigh extends Forbidden {
  constructor(role: Role, needed: Role) {
    super('ROLE_TOO_HIGH', `As ${role} you can neither give nor take the role of ${needed}.`, { role, needed })
  }
}

/** Somebody has to say what becomes of the keys of who goes. */
export class KeysNeedDecision extends AppError {
  constructor(keys: readonly { id: string; name: string; keyPreview: string }[]) {
    super(
      'conflict',
      'KEYS_NEED_DECISION',
      `keys: this person made ${keys.length === 1 ? 'an API key' : `${keys.length} API keys`} of the workspace; say whether to "keep" or to "delete" them.`,
      { field: 'keys', keys },
    )
  }
}
