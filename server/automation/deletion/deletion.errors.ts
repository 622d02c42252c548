import { AppError } from '#server/platform/core/index.ts'

export class PersonalWorkspace extends AppError {
  constructor() {
    super('conflict', 'PERSONAL_WORKSPACE', 'This is your personal workspace, which goes with you: delete your account instead.')
  }
}

/** They are the only owner of teams that others are in. */
export class HandOverFirst extends AppError {
  constructor(workspaces: { id: string; name: string }[]) {
    const names = workspaces.map(({ name }) => `"${name}"`).join(', ')
    super(
      'conflict',
      'HAND_OVER_FIRST',
      `You are the only owner of ${names}. Make somebody else an owner first, or delete the workspace.`,
      {
        workspaces,
      },
    )
  }
}

export class SubscriptionRunning extends AppError {
  constructor(workspace: { id: string; name: string }) {
    super('conflict', 'SUBSCRIPTION_RUNNING', `The subscription of "${workspace.name}" is still running. Cancel it first.`, {
      workspaces: [workspace],
    })
  }
}

export class NothingToRestore extends AppError {
  constructor() {
    super('not_found', 'NOTHING_TO_RESTORE', 'There is nothing to be taken back: the link was used, or the days are over.')
  }
}

export class WorkspaceNotDeleted extends AppError {
  constructor() {
    super('not_found', 'WORKSPACE_NOT_FOUND', 'You own no deleted workspace with this id that can be taken back.')
  }
}
