import { startFakeOpenAi } from '../fakes/openai.ts'
import { startTestServer, type ServerParts, type TestServer } from '../helpers/test-server.ts'

/** A server on which every documented operation can succeed: it has a model provider, and agents that follow commands. */
export async function startContractServer(variables: Record<string, string> = {}, parts: ServerParts = {}): Promise<TestServer> {
  const provider = await startFakeOpenAi({ models: ['fake-model', 'embed'] })
  const server = await startTestServer(
    { OPENAI_COMPATIBLE_BASE_URL: provider.url, DEFAULT_MODEL: 'local/commands', ...variables },
    undefined,
    parts,
  )
  const close = async () => {
    await server.close()
    await provider.close()
  }
  return { ...server, close }
}
