import { startFakeFarcaster, type FakeFarcaster } from '../fakes/farcaster.ts'
import { startFakeOpenAi } from '../fakes/openai.ts'
import { startTokenChain } from '../fakes/token-chain.ts'
import { startTestServer, type ServerParts, type TestServer } from '../helpers/test-server.ts'

const FARCASTER_DOMAIN = 'agents.example.org'

const farcasters = new WeakMap<TestServer['platform'], FakeFarcaster>()

/**
 * A server on which every documented operation can succeed: it has a model provider, agents that follow commands, a token to check
 * for, and knows where Farcaster identities come from.
 */
export async function startContractServer(variables: Record<string, string> = {}, parts: ServerParts = {}): Promise<TestServer> {
  const provider = await startFakeOpenAi({ models: ['fake-model', 'embed'] })
  const chain = await startTokenChain()
  const farcaster = await startFakeFarcaster()
  const server = await startTestServer(
    {
      OPENAI_COMPATIBLE_BASE_URL: provider.url,
      DEFAULT_MODEL: 'local/commands',
      TOKEN_GATING_ADDRESS: chain.token,
      TOKEN_GATING_RPC: chain.url,
      FARCASTER_AUTH_ORIGIN: farcaster.url,
      FARCASTER_DOMAIN,
      ...variables,
    },
    undefined,
    parts,
  )
  farcasters.set(server.platform, farcaster)
  const close = async () => {
    await server.close()
    await Promise.all([provider.close(), chain.close(), farcaster.close()])
  }
  return { ...server, close }
}

/** A new identity token that such a server takes. */
export const signFidToken = ({ platform }: TestServer): Promise<string> => farcasters.get(platform)!.sign(20_417, FARCASTER_DOMAIN)
