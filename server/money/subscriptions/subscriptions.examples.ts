const plan = {
  id: 'sub_91',
  purpose: 'plan',
  plan: 'label',
  storageGb: 0,
  status: 'active',
  isEnding: false,
  trialEndsAt: null,
  periodEndsAt: '2026-06-10T00:00:00.000Z',
} as const

export const examples = {
  list: { input: {}, output: [plan] },
  change: { input: { plan: 'label' }, output: plan },
  portal: { input: {}, output: { url: 'https://billing.stripe.com/p/session/test_1' } },
  invoices: {
    input: {},
    output: [
      {
        id: 'in_7',
        number: 'AGENT-0007',
        status: 'paid',
        amount: '£149.00',
        createdAt: '2026-05-10T00:00:00.000Z',
        url: 'https://invoice.stripe.com/i/in_7',
        pdf: 'https://pay.stripe.com/invoice/in_7/pdf',
      },
    ],
  },
} as const
