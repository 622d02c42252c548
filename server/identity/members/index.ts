export { RoleTooHigh } from './members.errors.ts'
export { mayGrant } from './members.rules.ts'
export { changerOf, lockMembers } from './members.service.ts'
