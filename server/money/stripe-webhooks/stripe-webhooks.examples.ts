const event = {
  id: 'evt_2b',
  object: 'event',
  type: 'checkout.session.completed',
  created: 1_780_000_000,
  data: { object: { id: 'cs_test_12', object: 'checkout.session' } },
}

export const examples = {
  receive: {
    input: {
      payload: JSON.stringify(event),
      signature: 't=1780000000,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
    },
    output: { received: true },
  },
} as const
