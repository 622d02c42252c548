const plan = (name: string, price: number, agents: number, dailyUnits: number, features: readonly string[]) =>
  ({ name, price, currency: 'GBP', agents, dailyUnits, features }) as const

const plans = {
  solo: plan('Solo', 29, 1, 600, ['1 agent', '2 GB']),
  collective: plan('Collective', 69, 3, 1000, ['3 agents', '4 GB']),
  label: plan('Label', 149, 10, 2500, ['10 agents', '8 GB']),
  network: plan('Network', 499, -1, -1, ['Any number of agents', '16 GB']),
}

export const examples = {
  plans: { input: {}, output: plans },
  info: {
    input: {},
    output: {
      plans,
      currentPlan: 'solo',
      subscriptionStatus: 'active',
      graceEndsAt: null,
      takesPayments: true,
      byokEnabled: false,
      usage: { dailyUnits: 600, used: 41, remaining: 559 },
      trial: null,
    },
  },
  usage: { input: {}, output: { dailyUnits: 600, used: 41, remaining: 559, resetsAt: 'midnight UTC' } },
  planUse: {
    input: {},
    output: {
      agents: { current: 1, limit: 1 },
      monthlyTokens: { current: 48_210, limit: 2_000_000 },
      dailyUnits: { current: 41, limit: 600 },
      storageBytes: { current: 12_288, limit: 536_870_912 },
    },
  },
  enableByok: {
    input: { apiKey: 'placeholder-value', provider: 'openrouter' },
    output: { success: true, message: 'Calls now go out on your openrouter key.' },
  },
  disableByok: { input: {}, output: { success: true, message: 'Calls now use platform credits.' } },
} as const
