import { getAddress, type Hex } from 'viem'
import {
  AppError,
  Unauthenticated,
  accountOf,
  hasAccount,
  inTransaction,
  newId,
  sha256,
  type AccountContext,
  type Context,
  type Platform,
} from '#server/platform/core/index.ts'
import { lockAccount } from '#server/platform/account/index.ts'
import { baseNetwork, connectedNetworks } from '#server/integrations/chains/index.ts'
import { checkHostedWallets, getHostedWallet, hasHostedWallets } from '#server/integrations/coinbase/index.ts'
import { createChainKey } from '../transfers/index.ts'
import { readAddress } from './chain.service.ts'
import type * as contract from './wallets.contract.ts'
import { WalletExists, WalletKeyKnown, WalletLimitReached, WalletNotFound } from './wallets.errors.ts'
import * as queries from './wallets.queries.ts'

const KEY_WARNING = 'The key is kept on the server, sealed, and is never shown. Whoever runs the server can use it.'
/** Of the test network: enough to try things out, and too few to fill the database with. */
const MAX_CLIENTS = 20
const PROJECT_CHARS = 6

/**
 * What an address has, or else the provider of hosted wallets, or else the wallet of the caller.
 *
 * @throws Unauthenticated without all three; for an address ChainNotConfigured, ChainUnavailable, UnexpectedChain.
 */
export async function showWallet(ctx: Context, { address }: contract.ShowWallet): Promise<contract.WalletAnswer> {
  const { platform } = ctx
  const nothing = { balances: null, provider: null, wallet: null }
  if (address !== undefined) return { ...nothing, balances: await readAddress(platform, address) }
  if (hasHostedWallets(platform.env)) {
    const projectId = `${platform.env.CDP_API_KEY_ID!.slice(0, PROJECT_CHARS)}...`
    return {
      ...nothing,
      provider: {
        agenticWallet: { status: 'configured', projectId, features: ['create_wallet', 'get_balance'] },
        instructions: 'POST /api/wallet/create makes a wallet; GET /api/wallet?address= reads what it has.',
      },
    }
  }
  if (!hasAccount(ctx)) throw new Unauthenticated()
  return { ...nothing, wallet: await showOwnWallet(ctx) }
}

/** The wallet of the workspace, and what it has as far as the chain can be read. */
export async function showOwnWallet(ctx: AccountContext): Promise<contract.OwnWallet> {
  const wallet = await queries.findWallet(ctx.db, accountOf(ctx), 'own')
  const network = baseNetwork(ctx.platform.env)
  if (!wallet) return { address: null, balance: '0', network, hasWallet: false, message: 'No wallet yet' }
  const shown = { address: getAddress(wallet.address), network: wallet.network as 'base', hasWallet: true, createdAt: wallet.createdAt }
  if (wallet.network !== network) return { ...shown, balance: null, message: `This server is not connected to ${wallet.network}.` }
  try {
    return { ...shown, balance: (await readAddress(ctx.platform, wallet.address)).primaryToken.balance }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ...shown, balance: null, message: error.message }
  }
}

/** Makes the wallet of the workspace; its key stays here, sealed. @throws WalletExists */
export async function createWallet(ctx: AccountContext): Promise<contract.WalletCreated> {
  const accountId = accountOf(ctx)
  const { platform } = ctx
  const network = baseNetwork(platform.env)
  const wallet = await inTransaction(platform.databases.system, async (db) => {
    await lockAccount(db, accountId)
    if (await queries.findWallet(db, accountId, 'own')) throw new WalletExists()
    const key = (await createChainKey(platform, { purpose: 'wallet', accountId, db }))!
    const row = { id: newId('wallet'), kind: 'own', address: key.address, network, keyId: key.id } as const
    return (await queries.insertWallet(db, accountId, row))!
  })
  return { address: getAddress(wallet.address), network, message: 'Wallet ready' }
}

/** @throws WalletNotFound */
export async function getWalletInfo(ctx: AccountContext): Promise<contract.WalletInfo> {
  const { address, network, createdAt } = await requireOwnWallet(ctx)
  return { address: getAddress(address), network: network as 'base', createdAt, warning: KEY_WARNING }
}

/** @throws WalletNotFound */
export async function requireOwnWallet(ctx: AccountContext): Promise<queries.WalletRow> {
  const wallet = await queries.findWallet(ctx.db, accountOf(ctx), 'own')
  if (!wallet) throw new WalletNotFound()
  return wallet
}

/** What is known of wallets that people sign in with, to what stands above this area. */
interface SignInWallets {
  /** The one the caller signs in with. */
  find(ctx: AccountContext): Promise<string | undefined>
  /** The personal workspace of who signs in with an address, which is in lower case. */
  findAccount(platform: Platform, address: string): Promise<string | undefined>
}
let signInWallets: SignInWallets = { find: async () => undefined, findAccount: async () => undefined }

export const registerSignInWallet = (known: SignInWallets): void => void (signInWallets = known)

/** The workspace that has an address, in lower case: kept here, or signed in with. */
export const findAccountOfWallet = async (platform: Platform, address: string): Promise<string | undefined> =>
  (await queries.findOwnerOf(platform.databases.system, address))?.accountId ?? signInWallets.findAccount(platform, address)

/** Where the caller gets money: the wallet that is kept here, else one they sign in with. */
export async function getWalletAddress(ctx: AccountContext): Promise<contract.WalletAddress> {
  const managed = await queries.findWallet(ctx.db, accountOf(ctx), 'own')
  if (managed) return { address: getAddress(managed.address), network: managed.network as 'base', type: 'managed', source: 'managed' }
  const linked = await signInWallets.find(ctx)
  if (linked) return { address: getAddress(linked), network: baseNetwork(ctx.platform.env), type: 'external', source: 'session' }
  return { address: null, message: 'No wallet is linked' }
}

/**
 * The wallet of the workspace at Coinbase, which is made when there is none: its name there is made of the id of the workspace, so
 * that a call that broke off leads to the same wallet.
 *
 * @throws HostedWalletsNotConfigured, HostedWalletsFailed
 */
export async function createHostedWallet(ctx: AccountContext, { email }: contract.CreateHostedWallet): Promise<contract.HostedWallet> {
  const accountId = accountOf(ctx)
  const known = await queries.findWallet(ctx.db, accountId, 'hosted')
  if (known) return toHosted(known)
  const address = await getHostedWallet(ctx.platform, `agentbot-${sha256(accountId).slice(0, 24)}`)
  const row = { id: newId('wallet'), kind: 'hosted', address: address.toLowerCase(), network: 'base', keyId: null, email } as const
  return toHosted((await queries.insertWallet(ctx.db, accountId, row)) ?? (await queries.findWallet(ctx.db, accountId, 'hosted'))!)
}

const toHosted = ({ id, address }: queries.WalletRow): contract.HostedWallet => ({
  walletAddress: getAddress(address),
  walletId: id,
  networks: ['base-sepolia', 'base'],
})

/** Whether wallets can be made at Coinbase now, and which chains answer. */
export async function getHostedStatus({ platform }: Context): Promise<contract.HostedStatus> {
  const [isUp, supportedChains] = await Promise.all([
    checkHostedWallets(platform).then(
      () => true,
      () => false,
    ),
    connectedNetworks(platform),
  ])
  return { status: isUp ? 'ok' : 'unavailable', type: 'evm_wallet', supportedChains }
}

/**
 * Keeps a key for the test network, a new one or one that was sent.
 *
 * @throws WalletKeyKnown for a key that is kept here already; WalletLimitReached
 */
export async function createWalletClient(ctx: AccountContext, { privateKey }: contract.CreateWalletClient): Promise<contract.WalletClient> {
  const accountId = accountOf(ctx)
  const { platform } = ctx
  const wallet = await inTransaction(platform.databases.system, async (db) => {
    await lockAccount(db, accountId)
    if ((await queries.countClients(db, accountId)) >= MAX_CLIENTS) throw new WalletLimitReached(MAX_CLIENTS)
    const given = privateKey === undefined ? {} : { privateKey: privateKey.toLowerCase() as Hex }
    const key = await createChainKey(platform, { purpose: 'wallet', accountId, db, ...given })
    if (!key) throw new WalletKeyKnown()
    const row = { id: newId('wallet'), kind: 'client', address: key.address, network: 'base-sepolia', keyId: key.id } as const
    return (await queries.insertWallet(db, accountId, row))!
  })
  return { address: getAddress(wallet.address), network: 'base-sepolia' }
}
