const event = {
  id: 'evt_1a',
  object: 'event',
  type: 'checkout.session.completed',
  created: 1_780_000_000,
  data: { object: { id: 'cs_test_88', object: 'checkout.session' } },
}

export const examples = {
  start: {
    input: { amount: 1000, address: '0x52908400098527886E0F7030069857D2E4169EE7' },
    output: { url: 'https://checkout.stripe.com/c/pay/cs_test_88', sessionId: 'cs_test_88' },
  },
  receive: {
    input: {
      payload: JSON.stringify(event),
      signature: 't=1780000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
    },
    output: { received: true },
  },
} as const
