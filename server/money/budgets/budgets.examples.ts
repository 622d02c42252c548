import { exampleIds } from '#server/platform/operations/index.ts'

const budget = {
  id: exampleIds.budget,
  kind: 'workspace',
  ownerId: exampleIds.account,
  ownerName: 'Ferry company',
  unit: 'tokens',
  period: 'month',
  timeZone: 'UTC',
  limit: 1_000_000_000,
  spent: 41_350,
  held: 0,
  startsAt: '2026-03-01T00:00:00.000Z',
  endsAt: '2026-04-01T00:00:00.000Z',
  state: 'open',
  downgrade: null,
  isGiven: false,
} as const

const ofAgent = {
  ...budget,
  id: 'bud_01jdx40b4t6r01ywk6m7n8p9q1',
  kind: 'agent',
  ownerId: exampleIds.agent,
  ownerName: 'Harbour desk',
  unit: 'cents',
  period: 'day',
  limit: 500,
  spent: 12.75,
  startsAt: '2026-03-02T00:00:00.000Z',
  endsAt: '2026-03-03T00:00:00.000Z',
} as const

export const examples = {
  list: { input: {}, output: [budget, ofAgent] },
  set: {
    input: { kind: 'agent', ownerId: exampleIds.agent, unit: 'cents', period: 'day', limit: 500 },
    output: { ...ofAgent, spent: 0 },
  },
  remove: { input: { budgetId: exampleIds.budget }, output: { success: true } },
  history: {
    input: { budgetId: exampleIds.budget },
    output: [
      { startsAt: '2026-03-01T00:00:00.000Z', endsAt: '2026-04-01T00:00:00.000Z', limit: 1_000_000_000, spent: 41_350 },
      { startsAt: '2026-02-01T00:00:00.000Z', endsAt: '2026-03-01T00:00:00.000Z', limit: 1_000_000_000, spent: 903_112 },
    ],
  },
} as const
