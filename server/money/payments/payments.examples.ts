import { exampleIds } from '#server/platform/operations/index.ts'

const address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const OPENED_AT = 1_772_433_600_000

const session = {
  id: exampleIds.paymentSession,
  userAddress: address,
  deposit: '10.00',
  spent: '0.05',
  remaining: '9.95',
  vouchers: [{ plugin: 'agent', timestamp: OPENED_AT + 60_000, amount: '0.05' }],
  status: 'active',
  createdAt: OPENED_AT,
  lastSettledAt: OPENED_AT,
} as const

const [voucher] = session.vouchers
const ref = { sessionId: exampleIds.paymentSession } as const

export const examples = {
  sessions: { input: ref, output: [session] },
  depositTerms: {
    input: {},
    output: {
      recipient: '0xB7d2c3A4e5F60718293a4B5c6D7e8F9012345678',
      currency: '0x20c0000000000000000000000000000000000000',
      chainId: 4217,
      memo: '0x90936d2c01799e61a18946a19f71c492d4c95020a4db42bfd8e6dea49ef62b11',
      account: exampleIds.account,
      server: 'agents.example.org',
    },
  },
  openSession: {
    input: { address, deposit: '10.00' },
    output: { session: { ...session, spent: '0', remaining: '10.00', vouchers: [] } },
  },
  voucherPages: {
    input: { sessionIds: [exampleIds.paymentSession], perSession: 5 },
    output: [{ ...ref, place: ['2026-03-02T06:41:00.000000Z', 'v_01jdx415v7s2c4zk8p9q0r1s2t'], voucher }],
  },
  voucherTotals: { input: { sessionIds: [exampleIds.paymentSession] }, output: [{ ...ref, total: 1 }] },
  closeSession: { input: ref, output: { success: true, returned: '9.95' } },
  submitVoucher: {
    input: {
      ...ref,
      userAddress: address,
      plugin: 'agent',
      signature:
        '0xcc1dec91815af179d1bc6c1eae0031b1ec451f674754352b0e4b838a449dd213521e3398c35a1f2e4a2fcace6e43d78c82d0bf517a79bb470e8aaa7d61d7ac421c',
      nonce: 'n-214',
    },
    output: {
      success: true,
      session: { id: exampleIds.paymentSession, spent: '0.10', remaining: '9.90', pendingVouchers: 2 },
      voucher: { amount: '0.05', plugin: 'agent', description: 'One agent call' },
    },
  },
} as const
