const page = (id: string) => ({ url: `https://checkout.stripe.com/c/pay/${id}` })

export const examples = {
  visit: { input: { plan: 'label' }, output: page('cs_test_12') },
  buyPlan: { input: { plan: 'label' }, output: page('cs_test_12') },
  buyCredits: {
    input: { pack: '200' },
    output: { success: true, credits: 15, price: '$15', ...page('cs_test_13'), status: 'pending' },
  },
  visitCredits: { input: { price: 'price_1Qx' }, output: page('cs_test_15') },
  buyStorage: { input: {}, output: page('cs_test_14') },
  verify: {
    input: { session_id: 'cs_test_12' },
    output: {
      plan: 'label',
      status: 'active',
      nextBilling: '2026-06-10T00:00:00.000Z',
      customerId: 'cus_44',
      subscriptionId: 'sub_91',
    },
  },
} as const
