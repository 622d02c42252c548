import { z } from 'zod'
import { address, flag, list, text, url, wholeFrom, withoutSlash } from './env-values.ts'

const addresses = list.pipe(z.array(address))
const schemaUids = list.pipe(z.array(z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'expected uids, each 0x and 64 hex digits')))

/** Variables of chains, and of wallets that somebody else keeps. */
export const chainVariables = {
  BASE_RPC_URL: url.optional().meta({
    description:
      'RPC address of the Base chain: for wallets and what they send, and to verify agents by `eas` and `coinbase`. It needs `DATABASE_URL`, where ALLOW_EMBEDDED_WALLETS does not say otherwise.',
  }),
  ALLOW_EMBEDDED_WALLETS: flag.default(false).meta({
    description:
      '`on` lets the embedded database keep the keys of wallets and escrows on the Base main network. A power cut may lose them, and their money with them: for tests, and where nobody makes any.',
  }),
  BASE_SEPOLIA_RPC_URL: url
    .optional()
    .meta({ description: 'RPC address of Base Sepolia, the test network, which is used where BASE_RPC_URL is not set.' }),
  CHAIN_CONFIRMATIONS: wholeFrom(1).default(12).meta({
    description: 'Blocks of Base, its own included, after which a transfer counts as made. A block takes about two seconds.',
  }),
  SETTLEMENT_FEE_ADDRESS: address.optional().meta({
    description:
      'Address on Base that gets the fees of bookings (0.5 % and 1 % of the guarantee) and of splits (0.5 %). Without it none are taken.',
  }),
  ETHEREUM_RPC_URL: url.optional().meta({ description: 'RPC address of the Ethereum main network, to verify agents by `ens`.' }),
  EAS_ATTESTERS: addresses
    .default([])
    .meta({ description: 'Comma-separated addresses whose attestations verify an agent by `eas`. Without one, none does.' }),
  EAS_SCHEMAS: schemaUids
    .default([])
    .meta({ description: 'Comma-separated uids of the schemas of those attestations. Without one, none verifies an agent.' }),
  TEMPO_RPC_URL: url.optional().meta({ description: 'RPC address of the Tempo chain, for payments per call (MPP) and deposits.' }),
  TEMPO_TESTNET: flag.default(false).meta({ description: '`on` when TEMPO_RPC_URL is the test network.' }),
  MPP_RECIPIENT: address.optional().meta({ description: 'Address that is paid on the gateway. Without it there are no MPP payments.' }),
  MPP_CURRENCY: address
    .default('0x20c0000000000000000000000000000000000000')
    .meta({ description: 'Token of those payments; the default is pathUSD.' }),
  X402_FACILITATOR_URL: url.transform(withoutSlash).optional().meta({
    description:
      'Address of an x402 facilitator, which checks payments in USDC per call and sends them to Base, or to Base Sepolia where that is used. That of Coinbase is shown the CDP key.',
  }),
  X402_RECIPIENT: address
    .optional()
    .meta({ description: 'Address that is paid on the gateway by x402. Without it there are no x402 payments.' }),
  OPTIMISM_RPC_URL: url.optional().meta({
    description:
      'RPC address of Optimism. Wallets that are contracts sign in on the chains whose RPC address is set: this one, `ETHEREUM_RPC_URL`, `BASE_RPC_URL`, `BASE_SEPOLIA_RPC_URL`. Wallets with a key of their own need none.',
  }),
  TOKEN_GATING_ADDRESS: address
    .optional()
    .meta({ description: 'Contract of the token (ERC-20) that `/api/auth/token-gating/verify` checks. Without it that answers 503.' }),
  TOKEN_GATING_MIN_BALANCE: z
    .string()
    .regex(/^\d{1,78}$/, "expected a whole number of the token's smallest unit")
    .default('1')
    .meta({ description: "Least a wallet has to have of it, in the token's smallest unit." }),
  TOKEN_GATING_RPC: url.optional().meta({ description: 'RPC address of the chain of that token. Default: `BASE_RPC_URL`.' }),
  CDP_API_KEY_ID: text.optional().meta({
    description: 'Id of an API key of the Coinbase Developer Platform, to make wallets there. All three CDP variables or none.',
  }),
  CDP_API_KEY_SECRET: text.optional().meta({ description: 'Its secret: an Ed25519 key, as Coinbase shows it.' }),
  CDP_WALLET_SECRET: text.optional().meta({ description: 'The wallet secret of that project.' }),
  CDP_BASE_URL: url
    .default('https://api.cdp.coinbase.com/platform')
    .transform(withoutSlash)
    .meta({ description: 'Address of the API of the Coinbase Developer Platform.' }),
}

type X402Variable = 'X402_FACILITATOR_URL' | 'X402_RECIPIENT' | 'BASE_RPC_URL' | 'BASE_SEPOLIA_RPC_URL' | 'DATABASE_URL'

/** What is missing for x402 payments, where they are wanted. */
function x402Checks(env: { [name in X402Variable]?: string | undefined }): string[] {
  if (!env.X402_FACILITATOR_URL && !env.X402_RECIPIENT) return []
  const problems: string[] = []
  if (!env.X402_FACILITATOR_URL) problems.push('X402_FACILITATOR_URL: required with X402_RECIPIENT, to check and settle payments')
  if (!env.X402_RECIPIENT) problems.push('X402_RECIPIENT: required with X402_FACILITATOR_URL, to be paid')
  if (!env.BASE_RPC_URL && !env.BASE_SEPOLIA_RPC_URL)
    problems.push('BASE_RPC_URL: required with X402_RECIPIENT (or BASE_SEPOLIA_RPC_URL), to find payments whose outcome nobody told')
  if (env.BASE_RPC_URL && !env.DATABASE_URL)
    problems.push('DATABASE_URL: required to be paid on Base, because the embedded database does not survive a power cut')
  return problems
}

/** Rules of them that need more than one variable. */
export function chainChecks(
  env: {
    [name in X402Variable]?: string | undefined
  } & {
    ALLOW_EMBEDDED_WALLETS: boolean
    MPP_RECIPIENT?: string | undefined
    TEMPO_RPC_URL?: string | undefined
    TEMPO_TESTNET: boolean
    TOKEN_GATING_ADDRESS?: string | undefined
    TOKEN_GATING_RPC?: string | undefined
  },
): string[] {
  const problems: string[] = []
  if (env.BASE_RPC_URL && !env.DATABASE_URL && !env.ALLOW_EMBEDDED_WALLETS)
    problems.push(
      'DATABASE_URL: required with BASE_RPC_URL, because a power cut may lose what the embedded database has, and it would have the keys of wallets on the main network; try things out with BASE_SEPOLIA_RPC_URL, or set ALLOW_EMBEDDED_WALLETS=on where nobody makes a wallet',
    )
  if (env.MPP_RECIPIENT && !env.TEMPO_RPC_URL) problems.push('TEMPO_RPC_URL: required with MPP_RECIPIENT, to check payments')
  if (env.MPP_RECIPIENT && env.TEMPO_RPC_URL && !env.TEMPO_TESTNET && !env.DATABASE_URL)
    problems.push('DATABASE_URL: required to be paid on the Tempo main network, because the embedded database does not survive a power cut')
  if (env.TOKEN_GATING_ADDRESS && !env.TOKEN_GATING_RPC && !env.BASE_RPC_URL)
    problems.push('TOKEN_GATING_RPC: required with TOKEN_GATING_ADDRESS where BASE_RPC_URL is not set, to read balances')
  return [...problems, ...x402Checks(env)]
}
