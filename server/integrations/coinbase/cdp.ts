import type { CdpClient } from '@coinbase/cdp-sdk'
import type { Env, Platform } from '#server/platform/core/index.ts'
import { HostedWalletsFailed, HostedWalletsNotConfigured } from './coinbase.errors.ts'

type CdpVariable = 'CDP_API_KEY_ID' | 'CDP_API_KEY_SECRET' | 'CDP_WALLET_SECRET'
const variables: CdpVariable[] = ['CDP_API_KEY_ID', 'CDP_API_KEY_SECRET', 'CDP_WALLET_SECRET']

/** Whether wallets of the Coinbase Developer Platform are set up. */
export const hasHostedWallets = (env: Env): boolean => variables.every((name) => env[name] !== undefined)

const clients = new WeakMap<Platform, Promise<CdpClient>>()

/** One client per platform. Its library takes long to load, and is only loaded where somebody makes a wallet. */
function clientOf(platform: Platform): Promise<CdpClient> {
  const { env } = platform
  const missing = variables.find((name) => !env[name])
  if (missing) throw new HostedWalletsNotConfigured(missing)
  const known = clients.get(platform) ?? createClient(env)
  clients.set(platform, known)
  return known
}

async function createClient(env: Env): Promise<CdpClient> {
  // It would tell Coinbase of errors and calls, with what is in them.
  process.env.DISABLE_CDP_ERROR_REPORTING = 'true'
  process.env.DISABLE_CDP_USAGE_TRACKING = 'true'
  const { CdpClient } = await import('@coinbase/cdp-sdk')
  return new CdpClient({
    apiKeyId: env.CDP_API_KEY_ID!,
    apiKeySecret: env.CDP_API_KEY_SECRET!,
    walletSecret: env.CDP_WALLET_SECRET!,
    basePath: env.CDP_BASE_URL,
  })
}

/**
 * The wallet of that name at Coinbase, which is made when there is none: asking again gives the same one.
 *
 * @param name 2 to 36 letters, digits and hyphens.
 * @returns its address.
 * @throws HostedWalletsNotConfigured, HostedWalletsFailed
 */
export const getHostedWallet = async (platform: Platform, name: string): Promise<`0x${string}`> => {
  const client = await clientOf(platform)
  const { address } = await asked(() => client.evm.getOrCreateAccount({ name }))
  return address
}

/** Asks Coinbase for a list, to see that it answers and knows this server. @throws HostedWalletsNotConfigured, HostedWalletsFailed */
export const checkHostedWallets = async (platform: Platform): Promise<void> => {
  const client = await clientOf(platform)
  await asked(() => client.evm.listAccounts({ pageSize: 1 }))
}

/**
 * What shows Coinbase who asks, for one POST request to an address of its API; nothing for any other address, or where no key
 * is set up. The API key alone is enough.
 */
export async function coinbaseHeaders({ env }: Pick<Platform, 'env'>, address: string): Promise<Record<string, string>> {
  const { CDP_API_KEY_ID: apiKeyId, CDP_API_KEY_SECRET: apiKeySecret, CDP_BASE_URL } = env
  if (!apiKeyId || !apiKeySecret || !address.startsWith(`${CDP_BASE_URL}/`)) return {}
  const { generateJwt } = await import('@coinbase/cdp-sdk/auth')
  const { host, pathname } = new URL(address)
  const token = await generateJwt({ apiKeyId, apiKeySecret, requestMethod: 'POST', requestHost: host, requestPath: pathname })
  return { authorization: `Bearer ${token}` }
}

async function asked<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw new HostedWalletsFailed(error)
  }
}
