import { formatTokenUnits } from '#server/platform/money/index.ts'

/** A limit of who pays, in millionths of USDC; null is no limit. */
export interface PolicyLimits {
  agentId: string | null
  perTransferUnits: number | null
  perDayUnits: number | null
  approvalAboveUnits: number | null
  allowedRecipients: string[] | null
  /** What was spent of the day's limit before. */
  spentTodayUnits: number
}

/** A payment that is asked for. `to` is in lower case. */
export interface Wish {
  to: string
  amountUnits: number
  /** The agent that asks; null for a person. */
  agentId: string | null
}

const usdc = (units: number): string => `${formatTokenUnits(BigInt(units), 6, 2)} USDC`

/**
 * Why an owner has to be asked for a payment, as a sentence; undefined when nobody has to be.
 *
 * @param policies Those that are about whoever asks. An agent without one of its own, or one for all, asks for everything.
 */
export function reasonToAsk({ to, amountUnits, agentId }: Wish, policies: readonly PolicyLimits[]): string | undefined {
  if (agentId !== null && policies.length === 0) return 'No policy lets the agent spend anything.'
  for (const policy of policies) {
    const { perTransferUnits, perDayUnits, approvalAboveUnits, allowedRecipients, spentTodayUnits } = policy
    if (allowedRecipients && !allowedRecipients.includes(to)) return 'The recipient is not among those who may be paid.'
    if (perTransferUnits !== null && amountUnits > perTransferUnits) return `A payment may be ${usdc(perTransferUnits)} at most.`
    if (approvalAboveUnits !== null && amountUnits > approvalAboveUnits)
      return `Payments of more than ${usdc(approvalAboveUnits)} are approved by an owner.`
    if (perDayUnits !== null && spentTodayUnits + amountUnits > perDayUnits)
      return `A day may cost ${usdc(perDayUnits)} at most, and today ${usdc(spentTodayUnits)} are spent.`
  }
  return undefined
}
