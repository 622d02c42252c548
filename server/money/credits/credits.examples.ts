export const examples = {
  get: {
    input: {},
    output: { credits: 25, referralCode: 'TIDE-4410', referralCount: 2, plan: 'solo', owedCredits: 0 },
  },
  history: {
    input: {},
    output: [
      { id: '5f4dcc3b5aa765d61d8327deb882cf99', credits: 15, reason: 'credits bought', createdAt: '2026-05-10T12:00:00.000Z' },
      { id: '7c6a180b36896a0a8c02787eeafb0e4c', credits: -0.03, reason: 'gateway: transcribe', createdAt: '2026-05-09T12:00:00.000Z' },
    ],
  },
} as const
