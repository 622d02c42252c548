import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './deletion.contract.ts'
import { examples } from './deletion.examples.ts'
import * as service from './deletion.service.ts'

/** Of the workspaces; the others are in `server/identity/workspaces`. */
export const workspaceDeletion = {
  delete: defineMutation({
    name: 'workspaces.delete',
    summary: 'Delete the workspace',
    description:
      'Of a team. From then on nobody gets in, its keys are refused and its agents stop. Everything in it but the books is erased after seven days, in which an owner can take it back.',
    access: 'fresh',
    scope: 'workspace:own',
    bucket: 'general',
    transaction: false,
    input: contract.DeleteWorkspace,
    output: contract.DeletedWorkspace,
    example: examples.deleteWorkspace,
    run: service.deleteWorkspace,
  }),
  listDeleted: defineQuery({
    name: 'workspaces.listDeleted',
    summary: 'List your deleted workspaces',
    description: 'Those you own and can still take back.',
    access: 'session',
    scope: 'account:read',
    isPersonal: true,
    bucket: 'general',
    input: contract.Nothing,
    output: contract.DeletedWorkspaceList,
    example: examples.listDeleted,
    run: service.listDeletedWorkspaces,
  }),
  restore: defineMutation({
    name: 'workspaces.restore',
    summary: 'Take back that a workspace was deleted',
    description: 'Of a workspace you own, within seven days. Its agents stay stopped.',
    access: 'session',
    scope: 'account:write',
    isPersonal: true,
    bucket: 'general',
    transaction: false,
    input: contract.RestoreWorkspace,
    output: contract.RestoredWorkspace,
    example: examples.restoreWorkspace,
    run: service.restoreWorkspace,
  }),
}

export const users = {
  delete: defineMutation({
    name: 'users.delete',
    summary: 'Delete your account',
    description:
      'You are signed out everywhere, your keys and agents stop, and you are out of all teams. Everything of yours but the books is erased after seven days, in which the token that is answered, and mailed, takes that back.',
    access: 'fresh',
    scope: 'account:write',
    isPersonal: true,
    bucket: 'general',
    transaction: false,
    input: contract.DeleteUser,
    output: contract.DeletedUser,
    example: examples.deleteUser,
    run: service.deleteUser,
  }),
  restore: defineMutation({
    name: 'users.restore',
    summary: 'Take back that your account was deleted',
    description: 'Within seven days, once. It does not sign in, and does not bring back into teams.',
    access: 'public',
    bucket: 'register',
    transaction: false,
    input: contract.RestoreUser,
    output: contract.Success,
    example: examples.restoreUser,
    run: service.restoreUser,
  }),
}
