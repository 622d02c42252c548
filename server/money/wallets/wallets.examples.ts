import { exampleIds } from '#server/platform/operations/index.ts'

const address = '0x52908400098527886E0F7030069857D2E4169EE7'
const recipient = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'
const createdAt = '2026-11-20T09:00:00.000Z'

const send = {
  id: exampleIds.walletSend,
  to: recipient,
  amount: '2.50',
  state: 'queued',
  reason: null,
  approvableUntil: null,
  agentId: null,
  txHash: null,
  explorerUrl: null,
  feeEth: null,
  createdAt,
  endedAt: null,
} as const
const waiting = {
  ...send,
  state: 'waiting',
  reason: 'Payments of more than 1.00 USDC are approved by an owner.',
  approvableUntil: '2026-11-27T09:00:00.000Z',
} as const

const policy = {
  id: exampleIds.walletPolicy,
  agentId: exampleIds.agent,
  perTransfer: '5.00',
  perDay: '20.00',
  approvalAbove: null,
  allowedRecipients: [recipient],
  spentToday: '2.50',
  updatedAt: createdAt,
}

export const examples = {
  show: {
    input: {},
    output: { balances: null, provider: null, wallet: { address, balance: '41.500000', network: 'base', hasWallet: true, createdAt } },
  },
  create: { input: {}, output: { address, network: 'base', message: 'Wallet ready' } },
  info: {
    input: {},
    output: {
      address,
      network: 'base',
      createdAt,
      warning: 'The key is kept on the server, sealed, and is never shown. Whoever runs the server can use it.',
    },
  },
  address: { input: {}, output: { address, network: 'base', type: 'managed', source: 'managed' } },
  createHosted: {
    input: { email: 'ines@example.org' },
    output: { walletAddress: address, walletId: 'wlt_01jdx41a5s6t7w8x9y0z1a2b3c', networks: ['base-sepolia', 'base'] },
  },
  hostedStatus: { input: {}, output: { status: 'ok', type: 'evm_wallet', supportedChains: ['base'] } },
  createClient: { input: {}, output: { address, network: 'base-sepolia' } },
  transactions: {
    input: { address, limit: 10 },
    output: {
      address,
      chain: 'Base',
      chainId: 8453,
      currentBlock: '29100400',
      transactions: [
        {
          hash: '0x3b9d7f1e60c24a85d1f7e9b3047c6a2258e0d49bb1736f8ac5e21d900f4a7c66',
          asset: 'USDC',
          direction: 'received',
          amount: '10.000000',
          amountRaw: '10000000',
          from: recipient,
          to: address,
          blockNumber: '29100211',
          timestamp: createdAt,
          status: 'confirmed',
          explorerUrl: 'https://basescan.org/tx/0x3b9d7f1e60c24a85d1f7e9b3047c6a2258e0d49bb1736f8ac5e21d900f4a7c66',
          source: 'token-log',
        },
      ],
      sources: { usdc: 'transfer logs, last 50000 blocks', eth: 'blocks, last 180' },
    },
  },
  previewSend: {
    input: { to: recipient, amount: '2.50' },
    output: {
      to: recipient,
      amount: '2.50',
      balance: '41.50',
      maxFeeEth: '0.00000213',
      gasBalanceEth: '0.012',
      needsApproval: null,
      problem: null,
    },
  },
  send: { input: { to: recipient, amount: '2.50' }, output: send },
  getSend: { input: { sendId: exampleIds.walletSend }, output: waiting },
  sends: { input: {}, output: [waiting] },
  approveSend: { input: { sendId: exampleIds.walletSend }, output: send },
  declineSend: { input: { sendId: exampleIds.walletSend }, output: { ...send, state: 'declined', reason: 'An owner declined it.' } },
  policies: { input: {}, output: [policy] },
  setPolicy: {
    input: { agentId: exampleIds.agent, perTransfer: '5.00', perDay: '20.00', approvalAbove: null, allowedRecipients: [recipient] },
    output: policy,
  },
  removePolicy: { input: { policyId: exampleIds.walletPolicy }, output: { success: true } },
} as const
