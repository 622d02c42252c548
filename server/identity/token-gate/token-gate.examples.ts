const address = '0x52908400098527886E0F7030069857D2E4169EE7'

const access = {
  address,
  hasAccess: true,
  tokenGated: true,
  minBalance: '1000000000000000000',
  token: 'RAVE',
  chain: 'base',
} as const

export const examples = {
  check: { input: { address }, output: { ...access, contractAddress: '0x8617E340B3D01FA5F11F306F4090FD50E238070D' } },
  verify: {
    input: { fid: '20417', address },
    output: { ...access, fid: '20417', message: 'Enough tokens.', timestamp: '2026-05-10T05:30:00.000Z' },
  },
} as const
