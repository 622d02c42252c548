/**
 * The plans that can be bought: price in pounds per month, how many agents, tokens per month and units per day (-1: no limit), how many
 * skills and messages between agents per day, what each agent may use of the machine it runs on and which tools, room for files, what else
 * an account may keep, and the hosted models they cover (`*`: all). Plan limits are defined here and nowhere else.
 */
export const plans = {
  solo: {
    price: 29,
    agents: 1,
    skills: 3,
    a2aMessagesPerDay: 100,
    dailyUnits: 600,
    monthlyTokens: 2_000_000,
    memoryGb: 2,
    storageGb: 0.5,
    cpus: 1,
    schedules: 10,
    minScheduleSeconds: 60,
    memoryKeys: 1_000,
    memoryMb: 10,
    messages: 100_000,
    files: 1_000,
    toolProfile: 'messaging',
    models: ['openai/gpt-4o-mini', 'google/gemini-2.0-flash', 'xiaomi/mimo-v2-pro'],
  },
  collective: {
    price: 69,
    agents: 3,
    skills: 10,
    a2aMessagesPerDay: 500,
    dailyUnits: 1_000,
    monthlyTokens: 6_000_000,
    memoryGb: 4,
    storageGb: 1,
    cpus: 2,
    schedules: 30,
    minScheduleSeconds: 60,
    memoryKeys: 3_000,
    memoryMb: 30,
    messages: 300_000,
    files: 3_000,
    toolProfile: 'coding',
    models: ['openai/gpt-4o-mini', 'openai/gpt-4o', 'google/gemini-2.0-flash', 'anthropic/claude-3.5-sonnet', 'xiaomi/mimo-v2-pro'],
  },
  label: {
    price: 149,
    agents: 10,
    skills: 25,
    a2aMessagesPerDay: 2_000,
    dailyUnits: 2_500,
    monthlyTokens: 20_000_000,
    memoryGb: 8,
    storageGb: 2,
    cpus: 4,
    schedules: 100,
    minScheduleSeconds: 30,
    memoryKeys: 10_000,
    memoryMb: 100,
    messages: 1_000_000,
    files: 10_000,
    toolProfile: 'coding',
    models: [
      'openai/gpt-4o-mini',
      'openai/gpt-4o',
      'openai/gpt-4-turbo',
      'google/gemini-2.0-flash',
      'anthropic/claude-3.5-sonnet',
      'anthropic/claude-3-opus',
      'xiaomi/mimo-v2-pro',
    ],
  },
  network: {
    price: 499,
    agents: -1,
    skills: 100,
    a2aMessagesPerDay: 10_000,
    dailyUnits: -1,
    monthlyTokens: -1,
    memoryGb: 16,
    storageGb: 4,
    cpus: 4,
    schedules: 200,
    minScheduleSeconds: 10,
    memoryKeys: 20_000,
    memoryMb: 200,
    messages: 5_000_000,
    files: 20_000,
    toolProfile: 'coding',
    models: ['*'],
  },
} as const satisfies Record<string, PlanLimits>

interface PlanLimits extends PlanResources, PlanQuotas {
  /** Whole pounds a month. */
  price: number
  agents: number
  skills: number
  /** Messages agents may send to one another in a day (UTC). */
  a2aMessagesPerDay: number
  /** Calls of models on the keys of this server in a day (UTC): each is one unit. */
  dailyUnits: number
  monthlyTokens: number
  /** For all files of the account together. */
  storageGb: number
  /** Which tools its agents have. */
  toolProfile: 'messaging' | 'coding'
  models: readonly string[]
}

/** What one agent may use of the machine it runs on. */
export interface PlanResources {
  memoryGb: number
  cpus: number
}

/** What an account may keep, all its agents together. */
export interface PlanQuotas {
  /** Scheduled tasks and cron jobs, those that are switched off included. */
  schedules: number
  /** Least time between two runs of one of them. */
  minScheduleSeconds: number
  /** Values agents remember. */
  memoryKeys: number
  /** Size of those values with their keys, once serialised, in MiB. */
  memoryMb: number
  /** Messages that are kept; the oldest go first. */
  messages: number
  files: number
}

export type PlanName = keyof typeof plans

/** Plan of an account; `free` means none was bought. */
export type AccountPlan = PlanName | 'free'

export const TRIAL_DAYS = 7

/** Days that a plan holds after a payment for it failed, while Stripe tries again. */
export const GRACE_DAYS = 7

/** What is bought besides a plan: room for files, in whole pounds a month. */
export const storageUpgrade = { price: 39, storageGb: 50 } as const

/** What plans were called before; the names are still in what was bought then. */
const legacyNames: Readonly<Record<string, PlanName>> = {
  underground: 'solo',
  starter: 'solo',
  pro: 'collective',
  scale: 'label',
  enterprise: 'network',
}

/** The plan that goes by a name, also by one of before, in capitals or not; undefined for any other. */
export function planNamed(name: string): PlanName | undefined {
  const lower = name.trim().toLowerCase()
  if (Object.hasOwn(plans, lower)) return lower as PlanName
  return Object.hasOwn(legacyNames, lower) ? legacyNames[lower] : undefined
}

/** A trial has the limits of this plan. */
export const TRIAL_LIMITS: PlanName = 'solo'

/** What an agent on that plan may use of the machine it runs on; without a plan as in a trial. */
export function resourcesOf(plan: AccountPlan): PlanResources {
  const { memoryGb, cpus } = plans[plan === 'free' ? TRIAL_LIMITS : plan]
  return { memoryGb, cpus }
}

/** Room for the files of an account on that plan, with what was bought besides, in bytes; without a plan as in a trial. */
export const storageBytesOf = (plan: AccountPlan, extraGb = 0): number =>
  (plans[plan === 'free' ? TRIAL_LIMITS : plan].storageGb + extraGb) * 1024 ** 3

/** What an account on that plan may keep; without a plan as in a trial. */
export const quotasOf = (plan: AccountPlan): PlanQuotas => plans[plan === 'free' ? TRIAL_LIMITS : plan]
