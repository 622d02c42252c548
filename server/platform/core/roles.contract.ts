import { scopes, type Scope } from './scopes.contract.ts'

/** What somebody can be in a workspace, from the most to the least. */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const

export type Role = (typeof roles)[number]

const viewer: readonly Scope[] = [
  'account:read',
  'agents:read',
  'chat:read',
  'memory:read',
  'models:read',
  'payments:read',
  'keys:read',
  'members:read',
]
const member: readonly Scope[] = [...viewer, 'agents:write', 'chat:write', 'memory:write', 'models:write']
const admin: readonly Scope[] = [...member, 'account:write', 'payments:write', 'wallet:spend', 'keys:write', 'members:write', 'audit:read']

/** A role is the set of the scopes it has. */
export const scopesOfRole: Readonly<Record<Role, readonly Scope[]>> = { owner: scopes, admin, member, viewer }

/** Whether a role has all that another one has: nobody gives away, or takes, more than they have themselves. */
export const isAtLeast = (role: Role, other: Role): boolean => roles.indexOf(role) <= roles.indexOf(other)
