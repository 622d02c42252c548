import { randomBytes } from 'node:crypto'
import { TypeID, typeid } from 'typeid-js'

/** Prefix of every kind of row that has an id; the part after it is a UUIDv7, so ids sort by time. */
const prefixes = {
  /** Of a person, and of the personal workspace that is made with them. */
  user: 'usr',
  workspace: 'ws',
  invitation: 'inv',
  apiKey: 'key',
  session: 'sess',
  message: 'msg',
  turn: 'turn',
  usage: 'use',
  request: 'req',
  transaction: 'txn',
  hold: 'hold',
  paymentSession: 'ses',
  voucher: 'v',
  completion: 'cmpl',
  gatewayCall: 'gwc',
  chainPayment: 'pay',
  chainKey: 'ck',
  chainTransfer: 'ctr',
  wallet: 'wlt',
  walletPolicy: 'wpol',
  walletSend: 'wsnd',
  agentLog: 'log',
  file: 'fil',
  passkey: 'pk',
  job: 'job',
  heartbeat: 'hbt',
  scheduledTask: 'tsk',
  cronJob: 'cron',
  server: 'srv',
  attempt: 'try',
  auditEvent: 'aud',
  export: 'exp',
  booking: 'bkg',
  split: 'split',
  splitRule: 'rule',
  payout: 'pyt',
  budget: 'bud',
  lease: 'lse',
} as const

/** A new TypeID such as `msg_01jdx3k9t8f2v9w7b1n5q4h6zc`. */
export const newId = (kind: keyof typeof prefixes): string => typeid(prefixes[kind]).toString()

const TIME_BYTES = 6

/**
 * A new id that sorts behind another one of its kind, also when that is of a server whose clock is ahead.
 *
 * @param last The other one; none when undefined.
 */
export function newIdAfter(kind: keyof typeof prefixes, last: string | undefined): string {
  const id = newId(kind)
  if (last === undefined || id > last) return id
  const bytes = Buffer.from(TypeID.fromString(id).toUUIDBytes())
  const time = Buffer.from(TypeID.fromString(last).toUUIDBytes()).readUIntBE(0, TIME_BYTES)
  bytes.writeUIntBE(time + 1, 0, TIME_BYTES)
  return TypeID.fromUUIDBytes(prefixes[kind], bytes).toString()
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A whole number from 0 in base62, left-padded to `length` characters. */
export function toBase62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = base62[Number(rest % 62n)] + text
  return text.padStart(length, '0')
}

/** `bytes` random bytes in base62, left-padded so that every value has the same length. */
export const randomBase62 = (bytes: number): string =>
  toBase62(BigInt(`0x${randomBytes(bytes).toString('hex')}`), Math.ceil((bytes * 8) / Math.log2(62)))

const base32 = 'abcdefghijkmnpqrstuvwxyz23456789'

/** `length` random characters that are safe in a host name; none can be mistaken for another. */
export const randomSuffix = (length: number): string => [...randomBytes(length)].map((byte) => base32[byte % 32]).join('')
