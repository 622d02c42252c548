import { z } from 'zod'

// Kinds of values that variables have.

export const text = z.string().min(1)
export const url = z.url({ protocol: /^https?$/ })
export const flag = z.enum(['on', 'off']).transform((value) => value === 'on')

export const withoutSlash = (value: string): string => value.replace(/\/$/, '')
