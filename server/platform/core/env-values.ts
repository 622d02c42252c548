import { z } from 'zod'
import type { Role } from './roles.contract.ts'

// Kinds of values that variables have.

export const text = z.string().min(1)
export const url = z.url({ protocol: /^https?$/ })
export const flag = z.enum(['on', 'off']).transform((value) => value === 'on')

export const withoutSlash = (value: string): string => value.replace(/\/$/, '')

/** A team and what somebody is in it: its id, a colon, and the role. Nobody becomes an owner this way. */
export const membershipOf = z
  .string()
  .regex(/^[a-z]+_[0-9a-z]+:(member|viewer|admin)$/, 'expected the id of a team, a colon, and member, viewer or admin')
  .transform((value) => {
    const [accountId, role] = value.split(':') as [string, Exclude<Role, 'owner'>]
    return { accountId, role }
  })
