import { z } from 'zod'
import { evmAddress, timestamp } from '#server/platform/core/common.contract.ts'

/** Most USDC of one call: beyond what there is of it, and within what is counted exactly. */
const MAX_WHOLE_DIGITS = 9
const MAX_RECIPIENTS = 100

/** USDC has six places. */
const amountText = new RegExp(`^(0|[1-9]\\d{0,${MAX_WHOLE_DIGITS - 1}})(\\.\\d{1,6})?$`)
const expectedAmount = 'expected USDC as a text with at most six decimals, such as "12.50"'
const UsdcAmount = z.string().regex(amountText, { error: expectedAmount, abort: true })
const Shown = z.string().regex(/^\d+(\.\d+)?$/)
const limit = UsdcAmount.nullable()

/** An id that there is not is not found, whatever it looks like. */
const AnyId = z.string().min(1).max(100)

export const SendUsdc = z.object({
  to: evmAddress.describe('Who gets it. In mixed case the checksum (EIP-55) has to be right.'),
  amount: UsdcAmount.refine((text) => !/^0(\.0+)?$/.test(text), 'expected more than 0').describe('USDC, such as `12.50`.'),
})
export type SendUsdc = z.infer<typeof SendUsdc>

const SendState = z.enum(['waiting', 'declined', 'expired', 'queued', 'signed', 'broadcast', 'confirmed', 'failed']).meta({
  id: 'WalletSendState',
  description: 'How far a payment from the wallet is.',
  'x-enumDescriptions': {
    waiting: 'It waits until an owner approves it, 7 days at most.',
    declined: 'An owner declined it; nothing was paid.',
    expired: 'No owner approved it in time; nothing was paid, and nothing will be.',
    queued: 'It is about to be sent.',
    signed: 'It is signed, and the chain may have it.',
    broadcast: 'The chain has it, and it is not deep enough in the chain yet.',
    confirmed: 'It is paid.',
    failed: 'It failed, and nothing was paid.',
  },
})

export const WalletSend = z
  .object({
    id: z.string().describe('Names it.'),
    to: evmAddress.describe('Who gets it.'),
    amount: Shown.describe('USDC.'),
    state: SendState,
    reason: z.string().nullable().describe('Why it waits, was declined, expired or failed, or what stands in its way for now.'),
    approvableUntil: timestamp.nullable().describe('Until when an owner may approve it; null when it does not wait.'),
    agentId: z.string().nullable().describe('The agent that asked for it; null for a person.'),
    txHash: z.string().nullable().describe('Hash of its transaction, once there is one.'),
    explorerUrl: z.url().nullable().describe('Where people look at the transaction.'),
    feeEth: Shown.nullable().describe('Ether it cost, once that is known.'),
    createdAt: timestamp.describe('When it was asked for.'),
    endedAt: timestamp.nullable().describe('When it was confirmed, or failed.'),
  })
  .meta({ id: 'WalletSend', description: 'A payment of USDC from the wallet.' })
export type WalletSend = z.infer<typeof WalletSend>

export const SendRef = z.object({ sendId: AnyId.describe('Id of the payment.') })
export type SendRef = z.infer<typeof SendRef>

export const ListSends = z.object({})
export const WalletSendList = z.array(WalletSend).max(100)

export const SendPreview = z
  .object({
    to: evmAddress.describe('Who would get it, with its checksum.'),
    amount: Shown.describe('USDC that would be sent.'),
    balance: Shown.describe('USDC there is.'),
    maxFeeEth: Shown.nullable().describe('Most ether the transaction would cost; null where the chain would refuse it.'),
    gasBalanceEth: Shown.describe('Ether there is to pay for it.'),
    needsApproval: z.string().nullable().describe('Why an owner would be asked; null when nobody would be.'),
    problem: z.string().nullable().describe('Why it would not work now; null when it would.'),
  })
  .meta({ id: 'WalletSendPreview', description: 'What a payment would cost, and whether it would work.' })
export type SendPreview = z.infer<typeof SendPreview>

const limits = {
  perTransfer: limit.describe('Most USDC of one payment; null for no limit.'),
  perDay: limit.describe('Most USDC of a day in UTC; null for no limit.'),
  approvalAbove: limit.describe('A payment of more than this is approved by an owner; null for none.'),
  allowedRecipients: z.array(evmAddress).max(MAX_RECIPIENTS).nullable().describe('Who may be paid; null for everybody.'),
}

export const WalletPolicy = z
  .object({
    id: z.string().describe('Names it.'),
    agentId: z.string().nullable().describe('The agent it is for; null for everybody in the workspace, agents included.'),
    ...limits,
    spentToday: Shown.describe('USDC that counts towards the limit of the day.'),
    updatedAt: timestamp.describe('When it was set.'),
  })
  .meta({ id: 'WalletPolicy', description: 'What may be sent from the wallet without an owner being asked.' })
export type WalletPolicy = z.infer<typeof WalletPolicy>

export const ListPolicies = z.object({})
export const WalletPolicyList = z.array(WalletPolicy).max(1000)

export const SetPolicy = z.object({
  agentId: z.string().min(1).max(100).nullable().describe('The agent it is for; null for everybody.'),
  ...limits,
})
export type SetPolicy = z.infer<typeof SetPolicy>

export const PolicyRef = z.object({ policyId: AnyId.describe('Id of the policy.') })
export type PolicyRef = z.infer<typeof PolicyRef>
