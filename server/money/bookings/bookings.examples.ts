import { exampleIds } from '#server/platform/operations/index.ts'

const ines = '0x52908400098527886E0F7030069857D2E4169EE7'
const northquay = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'

const splitRules = [
  { recipientAddress: ines, percentage: 80, role: 'artist', name: 'Ines Vale' },
  { recipientAddress: northquay, percentage: 20, role: 'agent', name: 'Northquay' },
] as const

const noFees = { transaction: 0, escrow: 0, total: 0 } as const
const given = { venue: 'Shed 4', date: '2026-07-18', guarantee: 400, backend: 150, deposit: 80, splitRules } as const

const booking = {
  id: exampleIds.booking,
  ...given,
  status: 'pending',
  escrowAddress: null,
  received: 0,
  fees: noFees,
  payouts: [],
  releasedAt: null,
} as const

const ref = { bookingId: exampleIds.booking } as const

export const examples = {
  list: { input: {}, output: [booking] },
  get: { input: ref, output: booking },
  create: { input: { booking: given }, output: booking },
  createEscrow: {
    input: ref,
    output: {
      success: true,
      bookingId: exampleIds.booking,
      escrowAddress: null,
      depositAmount: 80,
      status: 'simulated',
      message: 'No escrow wallet is set up',
    },
  },
  release: {
    input: ref,
    output: {
      success: true,
      bookingId: exampleIds.booking,
      totalPayout: 550,
      currency: 'USDC',
      network: 'Base',
      releasedAt: null,
      status: 'simulated',
      splits: [
        { recipient: 'Ines Vale', address: ines, amount: 440, status: 'simulated' },
        { recipient: 'Northquay', address: northquay, amount: 110, status: 'simulated' },
      ],
    },
  },
  refund: {
    input: ref,
    output: {
      success: true,
      bookingId: exampleIds.booking,
      refunds: [],
    },
  },
  simulate: {
    input: { booking: { guarantee: 400, backend: 150, deposit: 80 } },
    output: {
      success: true,
      input: { guarantee: 400, backend: 150, deposit: 80 },
      totalPayout: 550,
      currency: 'USDC',
      splits: [
        { role: 'Artist', percentage: 65, amount: 357.5 },
        { role: 'Agent', percentage: 20, amount: 110 },
        { role: 'Manager', percentage: 15, amount: 82.5 },
      ],
      fees: noFees,
      timeline: { deposit: 'Now', remainder: 'Within 7 days of the gig' },
    },
  },
  describe: {
    input: {},
    output: {
      skill: 'booking-settlement',
      name: 'Booking Settlement',
      description: 'Holds deposits and pays out bookings',
      category: 'payments',
      triggers: ['booking_confirmation', 'gig_completion', 'manual_release'],
      features: ['Simulated settlements', 'Splits between several people'],
      pricing: { transactionFee: 'none', escrowFee: 'none' },
      integrations: ['manual entry'],
      security: { network: 'none', custody: 'None: nothing is held and nothing moves' },
    },
  },
} as const
