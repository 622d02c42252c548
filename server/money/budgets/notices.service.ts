import type { Db } from '#db/client.ts'
import { sendMail } from '#server/integrations/mail/index.ts'
import { auditEvents } from '#server/platform/audit/index.ts'
import { type AccountId, inTransaction, newId, type Platform } from '#server/platform/core/index.ts'
import { formatUsd, microUsdWithin } from '#server/platform/money/index.ts'
import type { BudgetUnit } from './budget.ts'
import * as queries from './budgets.queries.ts'

/**
 * Tells the owners of workspaces which budgets have reached 80 % and 100 %, once for each window: by mail, and in the audit log.
 * A notice stays where it is, so that pages can show it, and what a server did not get to another one tells.
 */
export const tellOfBudgets = (platform: Platform): Promise<void> =>
  inTransaction(platform.databases.system, async (db) => {
    const due = await queries.claimNotices(db)
    for (const notice of due) await tellOwners(platform, db, notice)
    // The heads of chains are locked last, in the order of their names.
    for (const { accountId, budgetId, percent, startsAt, spent, cap } of due)
      await auditEvents.insertEvent(db, {
        accountId,
        action: 'budgets.reached',
        outcome: 'success',
        code: null,
        actor: { type: 'job', id: null, name: null },
        targets: [{ type: 'budget', id: budgetId }],
        context: { requestId: newId('request') },
        changes: { percent: { after: percent }, window: { after: startsAt }, spent: { after: spent }, limit: { after: cap } },
      })
  })

async function tellOwners(platform: Platform, db: Db, notice: queries.DueNotice): Promise<void> {
  const { accountId, budgetId, percent, workspace, endsAt, spent, cap } = notice
  const budget = await queries.findBudget(db, accountId as AccountId, budgetId)
  const unit = budget?.unit ?? givenUnits[budgetId.split(':')[0]!]
  const say = (amount: number) => (unit === 'nano_usd' ? `${formatUsd(microUsdWithin(amount))} US dollars` : `${amount} ${unit}`)
  const subject = percent === 100 ? `A budget of ${workspace} is used up` : `A budget of ${workspace} is nearly used up`
  const says =
    percent === 100
      ? 'Calls that do not fit into it any more are refused until it starts over, or somebody raises it.'
      : 'More than 80 % of it are used. When all of it is, calls are refused until it starts over.'
  for (const { name, email } of await queries.listOwners(db, accountId)) {
    const facts: [string, string][] = [
      ['Budget', nameOf(budgetId, budget)],
      ['Used', say(spent)],
      ['Limit', say(cap)],
      ['Starts over', `${endsAt.slice(0, 16).replace('T', ' ')} UTC`],
    ]
    const parts = [{ facts }, says, { link: `${platform.env.APP_URL}/billing`, label: 'See your budgets' }]
    await sendMail(platform, { to: { name, address: email! }, letter: { subject, parts }, until: endsAt }, db)
  }
}

/** Of the limits that are kept with plans and keys, by what their ids begin with. */
const givenUnits: Readonly<Record<string, BudgetUnit>> = { plan: 'tokens', units: 'calls', key: 'nano_usd' }

const owners = { workspace: 'The workspace', member: 'A member', agent: 'An agent', key: 'An API key' } as const

function nameOf(budgetId: string, budget: queries.BudgetRow | undefined): string {
  if (budgetId.startsWith('plan:')) return 'Tokens of the plan, each month'
  if (budgetId.startsWith('units:')) return 'Units of the plan (calls of models), each day'
  if (budgetId.startsWith('key:')) return `Spend limit of the API key ${budgetId.slice('key:'.length)}, each month`
  return budget ? `${owners[budget.kind]} (${budget.ownerId}), each ${budget.period}` : budgetId
}
