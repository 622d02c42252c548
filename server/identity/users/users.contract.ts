import { z } from 'zod'

/** As it is written, without spaces around it. Case does not matter where it is looked up. */
export const emailAddress = z.string().trim().normalize('NFC').check(z.email('expected an email address')).max(254)

export const newPassword = z.string().min(8, 'expected at least 8 characters').max(1024)
