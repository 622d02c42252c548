import { randomBytes } from 'node:crypto'
import { sha256 } from '#server/platform/core/index.ts'
import { toBase32 } from './totp.rules.ts'

const COUNT = 10
/** 80 bits each: nothing to guess, so a plain hash is enough. */
const BYTES = 10

/** Ten new codes, as they are shown: `ABCD-EFGH-IJKL-MNOP`. */
export const newRecoveryCodes = (): string[] => Array.from({ length: COUNT }, () => toBase32(randomBytes(BYTES)).match(/.{4}/g)!.join('-'))

/** Whether something that was typed can only be a recovery code: codes of an app have digits alone. */
export const isRecoveryCode = (typed: string): boolean => /[a-z]/i.test(typed)

/** What is kept of a code, however it was typed: in either case, with or without spaces and hyphens. */
export const hashRecoveryCode = (typed: string): string => sha256(typed.replace(/[\s-]/g, '').toUpperCase())
