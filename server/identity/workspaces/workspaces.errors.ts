import { AppError } from '#server/platform/core/index.ts'

export class TooManyWorkspaces extends AppError {
  constructor(limit: number) {
    super('conflict', 'TOO_MANY_WORKSPACES', `One person can be in ${limit} workspaces.`, { limit })
  }
}

/** It is a team, which cannot be made one. */
export class TeamAlready extends AppError {
  constructor() {
    super('conflict', 'TEAM_ALREADY', 'This workspace is a team already.')
  }
}

/** What only a team has, such as members, was asked of a personal workspace. */
export class TeamRequired extends AppError {
  constructor() {
    super('conflict', 'TEAM_REQUIRED', 'This is the personal workspace of one person. Turn it into a team first, or choose a team.')
  }
}

export class NamedAfterPerson extends AppError {
  constructor() {
    super('conflict', 'NAMED_AFTER_PERSON', 'A personal workspace is called what its person is called: change your name in the settings.')
  }
}
