import { exampleIds } from '#server/platform/operations/index.ts'

const address = '0x52908400098527886E0F7030069857D2E4169EE7'

const nonce = {
  nonce: '0d2WkF4bZ3uYvR8cQ1mPxT',
  issuedAt: '2026-03-02T06:40:00.000Z',
  expiresAt: '2026-03-02T06:50:00.000Z',
  chainIds: [1, 10, 8453, 84532],
} as const

const message = `agents.example.org wants you to sign in with your Ethereum account:
${address}

Sign in to Agentbot.

URI: https://agents.example.org
Version: 1
Chain ID: 1
Nonce: ${nonce.nonce}
Issued At: ${nonce.issuedAt}
Expiration Time: ${nonce.expiresAt}`

const signed = { address, message, signature: `0x${'9a'.repeat(64)}1b` } as const

export const examples = {
  nonce: { input: {}, output: nonce },
  signIn: { input: signed, output: { id: exampleIds.account, name: 'Wallet 0x5290...9EE7' } },
  startLink: { input: {}, output: nonce },
  link: {
    input: signed,
    output: {
      issuer: 'eip155',
      subject: address.toLowerCase(),
      label: address,
      email: null,
      createdAt: nonce.issuedAt,
      lastUsed: nonce.issuedAt,
    },
  },
} as const
