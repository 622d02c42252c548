import { z } from 'zod'
import { evmAddress, Nothing, timestamp } from '#server/platform/core/common.contract.ts'

export { Nothing }

const Units = z.string().regex(/^\d+$/)
const Decimal = z.string().regex(/^\d+(\.\d+)?$/)
const nullableAddress = evmAddress.nullable()

const Network = z.enum(['base', 'base-sepolia']).meta({
  id: 'WalletNetwork',
  description: 'The chain a wallet is used on.',
  'x-enumDescriptions': { base: 'Base.', 'base-sepolia': 'The test network of Base.' },
})

const WalletAsset = z
  .object({
    address: z.string().describe('Contract of the token; `native` for ether.'),
    name: z.string().describe('What it is called.'),
    symbol: z.string().describe('How it is called for short.'),
    decimals: z.int().min(0).describe('Places of `balance`.'),
    balance: Decimal.describe('What the address has of it.'),
    balanceRaw: Units.describe('The same in the smallest unit.'),
    explorerUrl: z.url().describe('Where people look at it.'),
  })
  .meta({ id: 'WalletAsset', description: 'What an address has of one coin or token.' })
export type WalletAsset = z.infer<typeof WalletAsset>

export const AddressBalances = z
  .object({
    address: evmAddress.describe('The address that was asked for.'),
    chain: z.string().describe('Name of the chain.'),
    chainId: z.int().describe('Its id.'),
    testnet: z.boolean().describe('Whether its coins are worth nothing.'),
    explorerUrl: z.url().describe('Where people look at the address.'),
    nativeBalance: WalletAsset,
    primaryToken: WalletAsset,
    allTokens: z.array(WalletAsset).max(2).describe('Those it has something of.'),
    assets: z.array(WalletAsset).max(2).describe('Ether, then USDC, whatever the balance.'),
  })
  .meta({ id: 'AddressBalances', description: 'What an address has on Base, read from the chain just now.' })
export type AddressBalances = z.infer<typeof AddressBalances>

const WalletProvider = z
  .object({
    agenticWallet: z
      .object({
        status: z.literal('configured').describe('Always that: without one this is left out.'),
        projectId: z.string().describe('Its API key, shortened.'),
        features: z.array(z.string()).max(10).describe('What it is used for here.'),
      })
      .meta({ id: 'AgenticWallet', description: 'The provider as it is set up.' }),
    instructions: z.string().describe('What to do with it.'),
  })
  .meta({ id: 'WalletProviderInfo', description: 'The provider of hosted wallets.' })

export const OwnWallet = z
  .object({
    address: nullableAddress.describe('Where it gets money; null while there is none.'),
    balance: Decimal.nullable().describe('USDC it has; null while the chain cannot be read.'),
    network: Network,
    hasWallet: z.boolean().describe('Whether there is one.'),
    createdAt: timestamp.optional().describe('When it was made.'),
    message: z.string().optional().describe('What there is to say of it.'),
  })
  .meta({ id: 'Wallet', description: 'The wallet of a workspace.' })
export type OwnWallet = z.infer<typeof OwnWallet>

export const ShowWallet = z.object({ address: evmAddress.optional().describe('Look up this address, whoever has it.') })
export type ShowWallet = z.infer<typeof ShowWallet>

export const WalletAnswer = z
  .object({
    balances: AddressBalances.nullable().describe('Of the address that was asked for.'),
    provider: WalletProvider.nullable().describe('Where no address was asked for, and there is one.'),
    wallet: OwnWallet.nullable().describe('Yours, where no address was asked for and there is no provider.'),
  })
  .meta({ id: 'WalletAnswer', description: 'One of the three.' })
export type WalletAnswer = z.infer<typeof WalletAnswer>

export const WalletInfo = z
  .object({
    address: evmAddress.describe('Where it gets money.'),
    network: Network,
    createdAt: timestamp.describe('When it was made.'),
    warning: z.string().describe('What to know about its key.'),
  })
  .meta({ id: 'WalletInfo', description: 'The wallet of a workspace, whose key this server has.' })
export type WalletInfo = z.infer<typeof WalletInfo>

export const WalletCreated = z
  .object({ address: evmAddress.describe('Where it gets money.'), network: Network, message: z.string().describe('What was done.') })
  .meta({ id: 'WalletCreated', description: 'A wallet that was made.' })
export type WalletCreated = z.infer<typeof WalletCreated>

export const WalletAddress = z
  .object({
    address: nullableAddress.describe('Where you get money; null when nowhere.'),
    network: Network.optional(),
    type: z.string().optional().describe('What kind of wallet it is.'),
    source: z
      .enum(['managed', 'session'])
      .meta({
        id: 'WalletSource',
        description: 'Who has the key of a wallet.',
        'x-enumDescriptions': { managed: 'This server.', session: 'You: it is one you sign in with.' },
      })
      .optional(),
    message: z.string().optional().describe('Why there is none.'),
  })
  .meta({ id: 'WalletAddress', description: 'Where somebody gets money.' })
export type WalletAddress = z.infer<typeof WalletAddress>

export const CreateHostedWallet = z.object({ email: z.email('expected an email address').max(254).describe('Whom the wallet is for.') })
export type CreateHostedWallet = z.infer<typeof CreateHostedWallet>

export const HostedWallet = z
  .object({
    walletAddress: evmAddress.describe('Where it gets money.'),
    walletId: z.string().describe('Its id here.'),
    networks: z.array(Network).max(2).describe('Where it can be used.'),
  })
  .meta({ id: 'HostedWallet', description: 'A wallet whose key Coinbase has.' })
export type HostedWallet = z.infer<typeof HostedWallet>

export const HostedStatus = z
  .object({
    status: z.enum(['ok', 'unavailable']).meta({
      id: 'HostedWalletStatus',
      description: 'Whether wallets can be made at the provider.',
      'x-enumDescriptions': { ok: 'They can, right now.', unavailable: 'It is not set up, or does not answer.' },
    }),
    type: z.literal('evm_wallet').describe('What kind of wallets they are.'),
    supportedChains: z.array(Network).max(2).describe('Chains this server is connected to, and that answer.'),
  })
  .meta({ id: 'HostedWallets', description: 'The state of the provider of hosted wallets.' })
export type HostedStatus = z.infer<typeof HostedStatus>

/** Order of the curve of the keys (secp256k1): a key is a number from 1 to the one before it. */
const KEYS = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

export const CreateWalletClient = z.object({
  privateKey: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, { error: 'expected a key, 0x and 64 hex digits', abort: true })
    .refine((key) => BigInt(key) > 0n && BigInt(key) < KEYS, 'expected a key of the curve secp256k1')
    .optional()
    .describe('A key you have; a new one is made without it. It is kept sealed and never given back.'),
})
export type CreateWalletClient = z.infer<typeof CreateWalletClient>

export const WalletClient = z
  .object({ address: evmAddress.describe('Where it gets money.'), network: z.literal('base-sepolia').describe('Always the test network.') })
  .meta({ id: 'WalletClient', description: 'A wallet on the test network.' })
export type WalletClient = z.infer<typeof WalletClient>

const DEFAULT_TRANSACTIONS = 10
export const MAX_TRANSACTIONS = 25

export const ListWalletTransactions = z.object({
  address: evmAddress.describe('Address to look up.'),
  limit: z.int().min(1).default(DEFAULT_TRANSACTIONS).describe('Most entries to give back. Over 25 counts as 25.'),
})
export type ListWalletTransactions = z.output<typeof ListWalletTransactions>

const WalletTransaction = z
  .object({
    hash: z.string().describe('Hash of the transaction.'),
    asset: z.enum(['USDC', 'ETH']).meta({
      id: 'WalletTransactionAsset',
      description: 'What moved.',
      'x-enumDescriptions': { USDC: 'US dollar coins.', ETH: 'Ether.' },
    }),
    direction: z.enum(['sent', 'received']).meta({
      id: 'WalletTransactionDirection',
      description: 'Which way it went.',
      'x-enumDescriptions': { sent: 'From the address.', received: 'To the address.' },
    }),
    amount: Decimal.describe('How much.'),
    amountRaw: Units.describe('The same in the smallest unit.'),
    from: evmAddress.describe('Who sent it.'),
    to: evmAddress.describe('Who got it.'),
    blockNumber: Units.describe('Block it is in.'),
    timestamp: timestamp.describe('Time of that block.'),
    status: z.literal('confirmed').describe('Always that: it is in a block.'),
    explorerUrl: z.url().describe('Where people look at it.'),
    source: z.enum(['token-log', 'recent-native-scan']).meta({
      id: 'WalletTransactionSource',
      description: 'How it was found.',
      'x-enumDescriptions': { 'token-log': 'In the log of the token.', 'recent-native-scan': 'In the newest blocks.' },
    }),
  })
  .meta({ id: 'WalletTransaction', description: 'Money that moved from or to an address.' })
export type WalletTransaction = z.infer<typeof WalletTransaction>

export const WalletTransactions = z
  .object({
    address: evmAddress.describe('The address that was asked for.'),
    chain: z.string().describe('Name of the chain.'),
    chainId: z.int().describe('Its id.'),
    currentBlock: Units.describe('The newest block.'),
    transactions: z.array(WalletTransaction).max(MAX_TRANSACTIONS).describe('Newest first.'),
    sources: z
      .object({ usdc: z.string().describe('Where USDC was looked for.'), eth: z.string().describe('Where ether was looked for.') })
      .meta({ id: 'WalletTransactionSources', description: 'How far back was looked.' }),
  })
  .meta({ id: 'WalletTransactions', description: 'What moved from and to an address lately.' })
export type WalletTransactions = z.infer<typeof WalletTransactions>
