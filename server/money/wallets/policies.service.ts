import { getAddress } from 'viem'
import { accountOf, newId, type AccountContext } from '#server/platform/core/index.ts'
import { formatTokenUnits, microUsdOfUnits, parseTokenUnits } from '#server/platform/money/index.ts'
import { USDC_DECIMALS } from './chain.service.ts'
import * as queries from './policies.queries.ts'
import type { PolicyRef, SetPolicy, WalletPolicy } from './sends.contract.ts'
import { PolicyNotFound } from './sends.errors.ts'
import { checkRecipient } from './sends.rules.ts'

const toUnits = (text: string | null): number | null => (text === null ? null : microUsdOfUnits(parseTokenUnits(text, USDC_DECIMALS)))
const toText = (units: number | null): string | null => (units === null ? null : formatTokenUnits(BigInt(units), USDC_DECIMALS, 2))

const toPolicy = (row: queries.PolicyRow): WalletPolicy => ({
  id: row.id,
  agentId: row.agentId,
  perTransfer: toText(row.perTransferUnits),
  perDay: toText(row.perDayUnits),
  approvalAbove: toText(row.approvalAboveUnits),
  allowedRecipients: row.allowedRecipients?.map((address) => getAddress(address)) ?? null,
  spentToday: toText(row.spentTodayUnits)!,
  updatedAt: row.updatedAt,
})

/** Policies of the workspace, that for all first. */
export const listPolicies = async (ctx: AccountContext): Promise<WalletPolicy[]> =>
  (await queries.listPolicies(ctx.db, accountOf(ctx))).map(toPolicy)

/**
 * Says what may be spent without an owner being asked; what was spent today goes on counting.
 *
 * @throws PolicyNotFound where there is no such agent; InvalidInput for an address whose checksum is wrong.
 */
export async function setPolicy(ctx: AccountContext, input: SetPolicy): Promise<WalletPolicy> {
  const accountId = accountOf(ctx)
  const { agentId, perTransfer, perDay, approvalAbove, allowedRecipients } = input
  if (agentId !== null && !(await queries.hasAgent(ctx.db, accountId, agentId))) throw new PolicyNotFound('agent', agentId)
  const { id } = await queries.savePolicy(ctx.db, accountId, {
    id: newId('walletPolicy'),
    agentId,
    perTransferUnits: toUnits(perTransfer),
    perDayUnits: toUnits(perDay),
    approvalAboveUnits: toUnits(approvalAbove),
    allowedRecipients: allowedRecipients?.map((address) => checkRecipient(address, 'allowedRecipients')) ?? null,
  })
  return (await listPolicies(ctx)).find((policy) => policy.id === id)!
}

/** @throws PolicyNotFound */
export async function removePolicy(ctx: AccountContext, { policyId }: PolicyRef): Promise<{ success: true }> {
  if (!(await queries.deletePolicy(ctx.db, accountOf(ctx), policyId))) throw new PolicyNotFound('policy', policyId)
  return { success: true }
}
