/**
 * The plans that can be bought: price in GBP per month, how many agents and tokens per month (-1: no limit), and the hosted
 * models they cover (`*`: all). Plan limits are defined here and nowhere else.
 */
export const plans = {
  solo: { price: 29, agents: 1, monthlyTokens: 2_000_000, models: ['openai/gpt-4o-mini', 'google/gemini-2.0-flash', 'xiaomi/mimo-v2-pro'] },
  collective: {
    price: 69,
    agents: 3,
    monthlyTokens: 6_000_000,
    models: ['openai/gpt-4o-mini', 'openai/gpt-4o', 'google/gemini-2.0-flash', 'anthropic/claude-3.5-sonnet', 'xiaomi/mimo-v2-pro'],
  },
  label: {
    price: 149,
    agents: 10,
    monthlyTokens: 20_000_000,
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
  network: { price: 499, agents: -1, monthlyTokens: -1, models: ['*'] },
} as const satisfies Record<string, { price: number; agents: number; monthlyTokens: number; models: readonly string[] }>

export type PlanName = keyof typeof plans

/** Plan of an account; `free` means none was bought. */
export type AccountPlan = PlanName | 'free'

export const TRIAL_DAYS = 7

/** A trial has the limits of this plan. */
export const TRIAL_LIMITS: PlanName = 'solo'
