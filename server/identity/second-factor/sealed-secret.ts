import type { Platform } from '#server/platform/core/index.ts'
import type { SealedColumn } from '#server/platform/rotation/index.ts'

/** Sealed for one person: moved to another one's row, it does not open. */
const purposeOf = (userId: string): string => `totp ${userId}`

export const sealedFactors: SealedColumn = { table: 'second_factors', column: 'secret', purpose: ({ userId }) => purposeOf(userId!) }

/** A secret as it is stored. */
export const sealSecret = ({ secrets }: Platform, userId: string, secret: Buffer): string =>
  secrets.seal(secret.toString('base64url'), purposeOf(userId))

export const openSecret = ({ secrets }: Platform, userId: string, box: string): Buffer =>
  Buffer.from(secrets.open(box, purposeOf(userId)), 'base64url')
