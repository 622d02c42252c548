import { AppError, Forbidden } from '#server/platform/core/index.ts'

export class InstanceNotFound extends AppError {
  constructor(userId: string) {
    super('not_found', 'INSTANCE_NOT_FOUND', `There is no instance "${userId}".`, { userId })
  }
}

/** The contract wants this told apart from an instance that does not exist. */
export class InstanceForbidden extends Forbidden {
  constructor(userId: string) {
    super('INSTANCE_OF_SOMEBODY_ELSE', `The instance "${userId}" is not yours.`, { userId })
  }
}

/** A token of a channel cannot be checked, so it is not taken. */
export class ChannelsNotAvailable extends AppError {
  constructor(channel: string) {
    super(
      'unavailable',
      'CHANNELS_NOT_AVAILABLE',
      `This server cannot connect agents to ${channel} yet. Leave its token out and send autoProvision: true; the channel can be added later.`,
      { channel },
    )
  }
}
