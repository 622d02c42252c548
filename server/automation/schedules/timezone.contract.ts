import { z } from 'zod'

function isTimezone(name: string): boolean {
  // A distance from UTC is no zone: it knows no summer.
  if (!/^[A-Za-z][\w+/-]*$/.test(name)) return false
  try {
    return Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The name of a time zone, such as `Europe/Lisbon`. */
export const Timezone = z
  .string()
  .max(64, 'expected at most 64 characters')
  .refine(isTimezone, 'expected the name of a time zone, such as Europe/Lisbon')
