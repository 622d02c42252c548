import { z } from 'zod'
import type { Role } from './roles.contract.ts'

// Kinds of values that variables have.

export const text = z.string().min(1)
export const url = z.url({ protocol: /^https?$/ })
export const flag = z.enum(['on', 'off']).transform((value) => value === 'on')

export const withoutSlash = (value: string): string => value.replace(/\/$/, '')

export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address, 0x and 40 hex digits')
  .transform((value) => value as `0x${string}`)

/** Texts with commas between them. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

export const wholeFrom = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number of ${least} or more`)
    .transform(Number)
    .pipe(z.number().int().min(least))

/** A team and what somebody is in it: its id, a colon, and the role. Nobody becomes an owner this way. */
export const membershipOf = z
  .string()
  .regex(/^[a-z]+_[0-9a-z]+:(member|viewer|admin)$/, 'expected the id of a team, a colon, and member, viewer or admin')
  .transform((value) => {
    const [accountId, role] = value.split(':') as [string, Exclude<Role, 'owner'>]
    return { accountId, role }
  })
