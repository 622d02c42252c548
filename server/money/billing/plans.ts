/**
 * The plans that can be bought: price in GBP per month, how many agents and tokens per month (-1: no limit), what each agent
 * may use of the machine it runs on, room for files, what else an account may keep, and the hosted models they cover (`*`: all). Plan limits
 * are defined here and nowhere else.
 */
export const plans = {
  solo: {
    price: 29,
    agents: 1,
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
    models: ['openai/gpt-4o-mini', 'google/gemini-2.0-flash', 'xiaomi/mimo-v2-pro'],
  },
  collective: {
    price: 69,
    agents: 3,
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
    models: ['openai/gpt-4o-mini', 'openai/gpt-4o', 'google/gemini-2.0-flash', 'anthropic/claude-3.5-sonnet', 'xiaomi/mimo-v2-pro'],
  },
  label: {
    price: 149,
    agents: 10,
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
    models: ['*'],
  },
} as const satisfies Record<string, PlanLimits>

interface PlanLimits extends PlanResources, PlanQuotas {
  price: number
  agents: number
  monthlyTokens: number
  /** For all files of the account together. */
  storageGb: number
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

/** A trial has the limits of this plan. */
export const TRIAL_LIMITS: PlanName = 'solo'

/** What an agent on that plan may use of the machine it runs on; without a plan as in a trial. */
export function resourcesOf(plan: AccountPlan): PlanResources {
  const { memoryGb, cpus } = plans[plan === 'free' ? TRIAL_LIMITS : plan]
  return { memoryGb, cpus }
}

/** Room for the files of an account on that plan, in bytes; without a plan as in a trial. */
export const storageBytesOf = (plan: AccountPlan): number => plans[plan === 'free' ? TRIAL_LIMITS : plan].storageGb * 1024 ** 3

/** What an account on that plan may keep; without a plan as in a trial. */
export const quotasOf = (plan: AccountPlan): PlanQuotas => plans[plan === 'free' ? TRIAL_LIMITS : plan]
