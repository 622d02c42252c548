import { startGitHub, type GitHub } from '../fakes/github.ts'
import { startFakeFarcaster, type FakeFarcaster } from '../fakes/farcaster.ts'
import { startFakeCoinbase } from '../fakes/coinbase.ts'
import { startFakeOpenAi } from '../fakes/openai.ts'
import { FakeStripe } from '../fakes/stripe/fake-stripe.ts'
import { startTokenChain } from '../fakes/token-chain.ts'
import { setAccount } from '../helpers/set-account.ts'
import { startTestServer, type ServerParts, type TestAccount, type TestServer } from '../helpers/test-server.ts'

const FARCASTER_DOMAIN = 'agents.example.org'
export const OPERATOR = 'operator@example.org'

const farcasters = new WeakMap<TestServer['platform'], FakeFarcaster>()
const gitHubs = new WeakMap<TestServer['platform'], GitHub>()
const stripes = new WeakMap<TestServer['platform'], FakeStripe>()

/**
 * A server on which every documented operation can succeed: it has a model provider, agents that follow commands, a token to check
 * for, and knows where Farcaster identities, those of GitHub, and payments come from.
 */
export async function startContractServer(variables: Record<string, string> = {}, parts: ServerParts = {}): Promise<TestServer> {
  const provider = await startFakeOpenAi({ models: ['fake-model', 'embed'] })
  const chain = await startTokenChain()
  const farcaster = await startFakeFarcaster()
  const github = await startGitHub()
  const stripe = await FakeStripe.start()
  const coinbase = await startFakeCoinbase()
  const server = await startTestServer(
    {
      OPENAI_COMPATIBLE_BASE_URL: provider.url,
      DEFAULT_MODEL: 'local/commands',
      TOKEN_GATING_ADDRESS: chain.token,
      TOKEN_GATING_RPC: chain.url,
      BASE_RPC_URL: chain.url,
      ...coinbase.variables,
      STRIPE_TOPUP_WEBHOOK_SECRET: stripe.env.STRIPE_WEBHOOK_SECRET!,
      FARCASTER_AUTH_ORIGIN: farcaster.url,
      FARCASTER_DOMAIN,
      APP_URL: 'http://localhost:3000',
      GITHUB_CLIENT_ID: github.clientId,
      GITHUB_CLIENT_SECRET: github.clientSecret,
      GITHUB_BASE_URL: github.url,
      GITHUB_API_URL: github.url,
      ADMIN_EMAILS: OPERATOR,
      ...stripe.env,
      STRIPE_CREDIT_PRICES: stripe.addPrice(2000),
      ...variables,
    },
    undefined,
    parts,
  )
  farcasters.set(server.platform, farcaster)
  gitHubs.set(server.platform, github)
  stripes.set(server.platform, stripe)
  const close = async () => {
    await server.close()
    await Promise.all([provider.close(), chain.close(), farcaster.close(), github.close(), coinbase.close(), stripe.close()])
  }
  return { ...server, close }
}

/** Somebody who operates a server that has their address, `OPERATOR`, in ADMIN_EMAILS. */
export async function createOperator(server: TestServer): Promise<TestAccount> {
  const operator = await server.createAccount({ email: OPERATOR })
  await setAccount(server, operator.id, { emailVerifiedAt: new Date().toISOString() })
  return operator
}

/** A new identity token that such a server takes. */
export const signFidToken = ({ platform }: TestServer): Promise<string> => farcasters.get(platform)!.sign(20_417, FARCASTER_DOMAIN)

/** The GitHub that such a server signs in with. */
export const gitHubOf = ({ platform }: TestServer): GitHub => gitHubs.get(platform)!

/** The Stripe that takes the payments of such a server. */
export const stripeOf = ({ platform }: TestServer): FakeStripe => stripes.get(platform)!
