import { z } from 'zod'
import { evmAddress, Nothing } from '#server/platform/core/common.contract.ts'

/** Least and most a payment session is opened with, in US dollars. */
const LEAST_DEPOSIT = 1
const MAX_DEPOSIT = 100
/** Most charges that are not settled in one answer. */
export const MAX_LISTED_VOUCHERS = 10_000

const SessionId = z.string().regex(/^ses_/, 'expected the id of a payment session, which begins with ses_')
const UsdAmount = z.string().regex(/^\d+(\.\d+)?$/)
const spent = UsdAmount.describe('US dollars that were charged.')
const remaining = UsdAmount.describe('US dollars that are left.')
/** Not `z.int()`: GraphQL has to make it a Float, since milliseconds do not fit its Int. */
const UnixMs = z.number().int().min(0).describe('Unix time in milliseconds.')

export const PaymentVoucher = z
  .object({ plugin: z.string().describe('What was paid for.'), timestamp: UnixMs, amount: UsdAmount.describe('US dollars.') })
  .meta({ id: 'PaymentVoucher', description: 'One charge of a payment session.' })
export type PaymentVoucher = z.infer<typeof PaymentVoucher>

export const PaymentSession = z
  .object({
    id: SessionId.describe('Names it in calls of the gateway; alone it pays for nothing.'),
    userAddress: evmAddress.describe('The wallet whose signatures charge it.'),
    deposit: UsdAmount.describe('US dollars put aside when it was opened.'),
    spent,
    remaining,
    vouchers: z.array(PaymentVoucher).max(MAX_LISTED_VOUCHERS).describe('Charges that are not settled yet, oldest first.'),
    status: z.enum(['active', 'settling', 'closed']).meta({
      id: 'PaymentSessionStatus',
      description: 'Whether a session pays for calls.',
      'x-enumDescriptions': {
        active: 'It pays for calls.',
        settling: 'Its charges are being settled.',
        closed: 'It is over; the rest went back.',
      },
    }),
    createdAt: UnixMs,
    lastSettledAt: UnixMs.describe('Unix time in milliseconds; that of opening before the first settlement.'),
  })
  .meta({ id: 'PaymentSession', description: 'Money put aside for calls.' })
export type PaymentSession = z.infer<typeof PaymentSession>

/** A payment session without its charges, which are a list of its own in GraphQL; hence of the same name. */
export const PaymentSessionHead = PaymentSession.omit({ vouchers: true }).meta({
  id: 'PaymentSession',
  description: 'Money put aside for calls.',
})
export type PaymentSessionHead = z.infer<typeof PaymentSessionHead>

/** Most charges of several sessions that are read at once. */
export const MAX_VOUCHERS_OF_SESSIONS = 1000
/** Most charges of one session on a page. */
const MAX_PAGE = 100
const sessionIds = z.array(SessionId).min(1).max(MAX_VOUCHERS_OF_SESSIONS).describe('Ids of the sessions, each once.')
/** When it was charged, to the microsecond, and the id of the charge. */
const PlaceOfVoucher = z.tuple([z.iso.datetime(), z.string().min(1)])

/** One page of the pending charges of each of several sessions, for nested GraphQL fields. */
export const VoucherPages = z.object({
  sessionIds,
  // One more than a page says whether there are more.
  perSession: z
    .int()
    .min(1)
    .max(MAX_PAGE + 1)
    .describe('Most charges of each session.'),
  after: PlaceOfVoucher.optional().describe('Only charges after this place.'),
})
export type VoucherPages = z.infer<typeof VoucherPages>
export const PlacedVouchers = z.array(z.object({ sessionId: SessionId, place: PlaceOfVoucher, voucher: PaymentVoucher }))
export type PlacedVouchers = z.infer<typeof PlacedVouchers>

export const SessionsToCount = z.object({ sessionIds })
export type SessionsToCount = z.infer<typeof SessionsToCount>
export const VoucherTotals = z.array(z.object({ sessionId: SessionId, total: z.int().min(0) }))
export type VoucherTotals = z.infer<typeof VoucherTotals>

const eitherOf = 'expected address or sessionId'
export const ListSessions = z
  .object({
    address: evmAddress.optional().describe('All sessions of this wallet.'),
    sessionId: SessionId.optional().describe('Only this session; wins over `address`.'),
  })
  .superRefine(({ address, sessionId }, ctx) => {
    if (address !== undefined || sessionId !== undefined) return
    for (const field of ['address', 'sessionId']) ctx.addIssue({ code: 'custom', path: [field], message: eitherOf })
  })
export type ListSessions = z.infer<typeof ListSessions>
export const PaymentSessionList = z.array(PaymentSession).max(100)

export const OpenSession = z.object({
  address: evmAddress.describe('The wallet whose signatures will charge it.'),
  deposit: z
    .string()
    .regex(/^\d+(\.\d{1,2})?$/, { abort: true, error: 'expected US dollars with at most two decimals, such as "10.00"' })
    .refine((text) => Number(text) >= LEAST_DEPOSIT && Number(text) <= MAX_DEPOSIT, 'expected 1.00 to 100.00')
    .describe('US dollars to put aside, `1.00` to `100.00`.'),
  depositTx: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, 'expected the hash of a transaction, 0x and 64 hex digits')
    .optional()
    .describe('Hash of the transfer on the chain that pays the deposit; without it the prepaid balance does.'),
  depositSignature: z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/, 'expected a signature, 0x and hex digits')
    .optional()
    .describe(
      'Shows that the transfer is yours, unless it was made with the memo of your account: EIP-712 signature of `Deposit(string server,string account,bytes32 transaction)` by the key of `address`, in the domain `Agentbot`, version `1`, with the id of the Tempo chain. `server` is the host of this server, `account` the id of your account, `transaction` is `depositTx`.',
    ),
})
export type OpenSession = z.infer<typeof OpenSession>

export const SessionOpened = z
  .object({ session: PaymentSession, note: z.string().optional().describe('Only when there was an open one already.') })
  .meta({ id: 'PaymentSessionOpened', description: 'A payment session that is open.' })
export type SessionOpened = z.infer<typeof SessionOpened>

export const ShowDepositTerms = Nothing

export const DepositTerms = z
  .object({
    recipient: evmAddress.nullable().describe('Whom to pay; null on a server that takes no transfers.'),
    currency: evmAddress.describe('The token to pay in.'),
    chainId: z.int().describe('The chain to pay on.'),
    memo: z.string().describe('Gives a transfer that carries it to your account, and to no other.'),
    account: z.string().describe('Your account, as a signature names it.'),
    server: z.string().describe('This server, as a signature names it.'),
  })
  .meta({ id: 'DepositTerms', description: 'How a transfer on the chain pays a deposit.' })
export type DepositTerms = z.infer<typeof DepositTerms>

export const SessionRef = z.object({ sessionId: SessionId.describe('Id of the payment session.') })
export type SessionRef = z.infer<typeof SessionRef>

export const SessionClosed = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    returned: UsdAmount.describe('US dollars that went back to the prepaid balance.'),
  })
  .meta({ id: 'PaymentSessionClosed', description: 'A payment session that is over.' })
export type SessionClosed = z.infer<typeof SessionClosed>

export const SubmitVoucher = z.object({
  sessionId: SessionId.describe('Id of the payment session.'),
  userAddress: evmAddress.describe('The wallet that signed.'),
  plugin: z.string().min(1, 'expected the name of a plugin').describe('Name of the plugin that is paid for.'),
  signature: z
    .string()
    .regex(/^0x[0-9a-fA-F]+$/, 'expected a signature, 0x and hex digits')
    .describe(
      'EIP-712 signature of `Voucher(string sessionId,string plugin,uint256 amountMicroUsd,string nonce)` in the domain `Agentbot`, version `1`, with the id of the Tempo chain; by the key of `userAddress` itself (a wallet that is a contract cannot sign vouchers).',
    ),
  nonce: z.string().min(1, 'expected 1 to 128 characters').max(128, 'expected 1 to 128 characters').describe('Works once per session.'),
})
export type SubmitVoucher = z.infer<typeof SubmitVoucher>

export const VoucherAccepted = z
  .object({
    success: z.literal(true).describe('Always true: a failure is an error instead.'),
    session: z
      .object({
        id: SessionId.describe('Its id.'),
        spent,
        remaining,
        pendingVouchers: z.int().min(0).describe('Charges that were not settled at that moment.'),
      })
      .meta({ id: 'ChargedSession', description: 'A payment session right after a charge.' }),
    voucher: z
      .object({
        amount: UsdAmount.describe('US dollars.'),
        plugin: z.string().describe('What was paid for.'),
        description: z.string().describe('What that plugin does.'),
      })
      .meta({ id: 'AcceptedVoucher', description: 'The charge that was taken.' }),
  })
  .meta({ id: 'VoucherAccepted', description: 'A charge that was taken.' })
export type VoucherAccepted = z.infer<typeof VoucherAccepted>
