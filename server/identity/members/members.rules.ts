import { isAtLeast, roles, scopesOfRole, type Role } from '#server/platform/core/roles.contract.ts'
import { LastOwner, MemberNotFound, RoleTooHigh } from './members.errors.ts'

/** Who changes members: with the id of the person, or without for an API key. */
export interface Changer {
  userId: string | undefined
  role: Role
}

/** What is to become of a member; `to` is undefined for who is to go. */
export interface MemberChange {
  userId: string
  to: Role | undefined
}

/**
 * Whether somebody may change a member. Nobody gives or takes more than they have themselves, whatever they want to do with it; to
 * give up what they have is free to everybody, but for the last owner.
 *
 * @param members What each member is, by their id.
 * @returns what the member was.
 * @throws MemberNotFound, RoleTooHigh, LastOwner
 */
export function checkChange(members: ReadonlyMap<string, Role>, changer: Changer, { userId, to }: MemberChange): Role {
  const from = members.get(userId)
  if (from === undefined) throw new MemberNotFound()
  const isOneself = userId === changer.userId
  const higher = to !== undefined && isAtLeast(to, from) ? to : from
  if (!(isOneself && higher === from) && !mayGrant(changer.role, higher)) throw new RoleTooHigh(changer.role, higher)
  if (from === 'owner' && to !== 'owner' && ownersOf(members) === 1) throw new LastOwner()
  return from
}

const ownersOf = (members: ReadonlyMap<string, Role>): number => [...members.values()].filter((role) => role === 'owner').length

/** Whether somebody may make others this, or take it from them. */
export const mayGrant = (role: Role, granted: Role): boolean => scopesOfRole[role].includes('members:write') && isAtLeast(role, granted)

/** What somebody who has become this, or has gone, cannot have invited others to any more. */
export const notGrantedBy = (role: Role | undefined): Role[] => roles.filter((one) => role === undefined || !mayGrant(role, one))
