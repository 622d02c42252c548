import { isAtLeast, roles, scopesOfRole, type Role } from '../../../../server/platform/core/roles.contract.ts'

/** What each role is for, in a few words. */
export const roleTexts: Record<Role, string> = {
  owner: 'everything, and hands the workspace over',
  admin: 'members, keys, money and settings too',
  member: 'works with agents',
  viewer: 'looks, and changes nothing',
}

/** What somebody may make others. */
export const grantable = (role: Role | null): Role[] =>
  role !== null && scopesOfRole[role].includes('members:write') ? roles.filter((one) => isAtLeast(role, one)) : []
