const address = '0x52908400098527886E0F7030069857D2E4169EE7'

const wallet = {
  issuer: 'eip155',
  subject: address.toLowerCase(),
  label: address,
  email: null,
  createdAt: '2026-03-02T06:40:00.000Z',
  lastUsed: '2026-03-09T07:15:00.000Z',
} as const

export const examples = {
  list: { input: {}, output: [wallet] },
  unlink: { input: { issuer: wallet.issuer, subject: wallet.subject }, output: { success: true } },
} as const
