export const examples = {
  trial: {
    input: {},
    output: { trial: true, expired: false, daysLeft: 5, endsAt: '2026-03-07T06:40:00.000Z', plan: 'free' },
  },
} as const
