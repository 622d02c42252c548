import { z } from 'zod'
import { Success, timestamp } from '#server/platform/core/common.contract.ts'

const BudgetKind = z.enum(['workspace', 'member', 'agent', 'key', 'plan']).meta({
  id: 'BudgetKind',
  description: 'Whose spending a budget limits.',
  'x-enumDescriptions': {
    workspace: 'All of the workspace.',
    member: 'What a member does, and the keys they made.',
    agent: 'What an agent does.',
    key: 'What is done with an API key.',
    plan: 'What the plan includes; changes with the plan.',
  },
})

const BudgetOwnerKind = z.enum(['workspace', 'member', 'agent', 'key']).meta({
  id: 'BudgetOwnerKind',
  description: 'Whose spending can be limited.',
  'x-enumDescriptions': {
    workspace: 'All of the workspace.',
    member: 'What a member does, and the keys they made.',
    agent: 'What an agent does.',
    key: 'What is done with an API key.',
  },
})

const BudgetUnit = z.enum(['cents', 'tokens']).meta({
  id: 'BudgetUnit',
  description: 'What a budget counts.',
  'x-enumDescriptions': { cents: 'What calls cost, in US cents.', tokens: 'Tokens, in and out together.' },
})

const BudgetPeriod = z.enum(['day', 'week', 'month']).meta({
  id: 'BudgetPeriod',
  description: 'After how long a budget starts over.',
  'x-enumDescriptions': {
    day: 'At midnight.',
    week: 'On Monday, at midnight.',
    month: 'On the first, at midnight.',
  },
})

const BudgetState = z.enum(['open', 'near', 'reached']).meta({
  id: 'BudgetState',
  description: 'How far a budget is used in the window that runs.',
  'x-enumDescriptions': {
    open: 'Less than 80 %.',
    near: '80 % or more; the owners have been told.',
    reached: 'Calls that do not fit any more are refused; the owners have been told.',
  },
})

const Downgrade = z
  .object({
    model: z.string().trim().min(1).max(200).describe('Id of the model that answers instead of what was asked for.'),
    percent: z.int().min(1).max(99).describe('From which share of the limit on.'),
  })
  .meta({ id: 'BudgetDowngrade', description: 'A cheaper model that takes over before a budget is used up.' })

const MAX_LIMIT = { cents: 100_000_000, tokens: 1_000_000_000_000 }

const amounts = 'in US cents, which need not be whole here, or in tokens'

export const Budget = z
  .object({
    id: z.string().describe('Its id.'),
    kind: BudgetKind,
    ownerId: z.string().describe('Id of the workspace, the member, the agent or the key.'),
    ownerName: z.string().nullable().describe('What they are called; null where that is not known any more.'),
    unit: BudgetUnit,
    period: BudgetPeriod,
    timeZone: z.string().describe('Time zone whose calendar it follows.'),
    limit: z.number().min(0).describe('Most that may be taken in a window: US cents, or tokens.'),
    spent: z.number().min(0).describe(`What calls have taken in this window, ${amounts}.`),
    held: z.number().min(0).describe(`What is set aside for calls that run or begin, ${amounts}.`),
    startsAt: timestamp.describe('When this window began.'),
    endsAt: timestamp.describe('When it starts over.'),
    state: BudgetState,
    downgrade: Downgrade.nullable().describe('A cheaper model that takes over; null for none.'),
    isGiven: z.boolean().describe('Whether it comes with the plan or is the spend limit of a key, and is changed there.'),
  })
  .meta({ id: 'Budget', description: 'What may be spent, and how much of it is.' })
export type Budget = z.infer<typeof Budget>

const MAX_LISTED = 200
export const ListBudgets = z.object({})
export const BudgetList = z.array(Budget).max(MAX_LISTED)
/** Budgets an account can have; those that come with plans and keys are not counted. */
export const MAX_BUDGETS = 100

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

export const SetBudget = z
  .object({
    kind: BudgetOwnerKind,
    ownerId: z.string().min(1).max(200).optional().describe('Id of the member, the agent or the key; left out for the workspace.'),
    unit: BudgetUnit,
    period: BudgetPeriod,
    limit: z.int().min(0).max(MAX_LIMIT.tokens).describe('Most that may be taken in a window: whole US cents, or tokens.'),
    timeZone: z
      .string()
      .refine(isTimeZone, 'expected the name of a time zone, such as Europe/Lisbon')
      .default('UTC')
      .describe('Time zone whose calendar it follows, such as `Europe/Lisbon`; UTC when left out.'),
    downgrade: Downgrade.nullable().optional().describe('A cheaper model that takes over; none when left out or null.'),
  })
  .superRefine(({ kind, ownerId, unit, limit }, check) => {
    if ((kind === 'workspace') !== (ownerId === undefined))
      check.addIssue({
        code: 'custom',
        path: ['ownerId'],
        message: kind === 'workspace' ? 'expected none' : `expected the id of the ${kind}`,
      })
    if (limit > MAX_LIMIT[unit]) check.addIssue({ code: 'custom', path: ['limit'], message: `expected at most ${MAX_LIMIT[unit]} ${unit}` })
  })
export type SetBudget = z.output<typeof SetBudget>

export const BudgetRef = z.object({ budgetId: z.string().describe('Id of the budget.') })
export type BudgetRef = z.infer<typeof BudgetRef>

export const BudgetRemoved = Success

const BudgetWindow = z
  .object({
    startsAt: timestamp.describe('When it began.'),
    endsAt: timestamp.describe('When it ended, or will.'),
    limit: z.number().min(0).describe('Most that might be taken in it: US cents, or tokens.'),
    spent: z.number().min(0).describe(`What calls took in it, ${amounts}.`),
  })
  .meta({ id: 'BudgetWindow', description: 'One window of a budget.' })

const MAX_WINDOWS = 60
export const BudgetHistory = z.array(BudgetWindow).max(MAX_WINDOWS)
export type BudgetHistory = z.infer<typeof BudgetHistory>
export { MAX_WINDOWS as MAX_LISTED_WINDOWS }
