import { createPublicClient, encodeFunctionData, http, parseAbi, type Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { serializeErc6492Signature } from 'viem/utils'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withEnv } from '../../contract/with-env.ts'
import { startEvmChain, type EvmChain } from '../../helpers/evm-chains.ts'
import { startRpcProxy, type RpcProxy } from '../../helpers/rpc-proxy.ts'
import { startTestServer, type TestAccount, type TestServer } from '../../helpers/test-server.ts'
import {
  cookieOf,
  prepareWalletLink,
  prepareWalletSignIn,
  signInWithWallet,
  signMessageOf,
  type SignedMessage,
  type WalletSigner,
} from '../../helpers/wallets.ts'

const FACTORY = '0x00000000000000000000000000000000000fac70'
const factoryAbi = parseAbi([
  'function deploy(address owner) returns (address)',
  'function addressOf(address owner) view returns (address)',
])

let chain: EvmChain
let rpc: RpcProxy
let server: TestServer
let wallet: PrivateKeyAccount
beforeAll(async () => {
  chain = await startEvmChain(8453)
  rpc = await startRpcProxy(chain.url)
  server = await startTestServer({ BASE_RPC_URL: rpc.url })
})
afterAll(async () => {
  await server.close()
  await rpc.close()
  await chain.close()
})
beforeEach(() => void (wallet = newWallet()))

const newWallet = () => privateKeyToAccount(generatePrivateKey())
const signIn = (body: SignedMessage | Record<string, unknown>) => server.call('POST', '/api/auth/callback/wallet', { body })
const profileOf = (cookie: string) => server.call('GET', '/api/settings', { cookie })

describe('a wallet signs in', () => {
  test('and becomes that of a new account, without an email', async () => {
    const answer = await signIn(await prepareWalletSignIn(server, wallet))
    const name = `Wallet ${wallet.address.slice(0, 6)}...${wallet.address.slice(-4)}`
    expect(answer).toMatchObject({ status: 200, body: { ok: true, user: { id: expect.stringMatching(/^usr_/), name } } })
    const profile = await profileOf(cookieOf(answer))
    expect(profile).toMatchObject({ status: 200, body: { id: answer.body.user.id, name, email: null } })
  })

  test('and is the same account the next time, by either path', async () => {
    const first = await signIn(await prepareWalletSignIn(server, wallet))
    const again = await signInWithWallet(server, wallet)
    expect(again.body).toEqual(first.body)
    expect(cookieOf(again)).not.toBe(cookieOf(first))
  })

  test('whatever the case of its address', async () => {
    const body = await prepareWalletSignIn(server, wallet)
    const first = await signIn({ ...body, address: wallet.address.toLowerCase() })
    expect(first.status).toBe(200)
    expect((await signInWithWallet(server, wallet)).body).toEqual(first.body)
  })

  test('over tRPC and GraphQL too', async () => {
    const { nonce } = await server.trpc().wallets.nonce.query({})
    const user = await server.trpc().wallets.signIn.mutate(await signMessageOf(wallet, nonce))
    const asked = (await server.graphql('{ walletNonce { nonce expiresAt } }')).body.data.walletNonce
    const variables = await signMessageOf(wallet, asked.nonce)
    const mutation =
      'mutation ($address: String!, $message: String!, $signature: String!) { signInWithWallet(address: $address, message: $message, signature: $signature) { id } }'
    expect((await server.graphql(mutation, { ...variables })).body.data.signInWithWallet).toEqual({ id: user.id })
  })

  test('without asking any chain where it has a key of its own', async () => {
    rpc.isDown = true
    const answer = await signIn(await prepareWalletSignIn(server, wallet, { chainId: 8453 }))
    rpc.isDown = false
    expect(answer.status).toBe(200)
  })

  test('twice at the same moment, as one account', async () => {
    const bodies = [await prepareWalletSignIn(server, wallet), await prepareWalletSignIn(server, wallet)]
    const answers = await Promise.all(bodies.map(signIn))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[0]!.body).toEqual(answers[1]!.body)
  })
})

describe('a wallet that is a contract signs in', () => {
  const CONTRACT = '0x0000000000000000000000000000000000c0ffee'
  let contract: WalletSigner
  let undeployed: WalletSigner
  beforeAll(async () => {
    await chain.place('FakeWalletFactory', FACTORY)
  })
  beforeEach(async () => {
    const write = await chain.place('FakeSmartWallet', CONTRACT)
    await write('setOwner', wallet.address)
    contract = { address: CONTRACT, signMessage: ({ message }) => wallet.signMessage({ message }) }
    undeployed = await counterfactual(wallet)
  })

  /** The wallet a factory would deploy for an owner, with signatures that say so. */
  async function counterfactual(owner: PrivateKeyAccount, signer = owner): Promise<WalletSigner> {
    const client = createPublicClient({ transport: http(chain.url) })
    const address = await client.readContract({ address: FACTORY, abi: factoryAbi, functionName: 'addressOf', args: [owner.address] })
    const data = encodeFunctionData({ abi: factoryAbi, functionName: 'deploy', args: [owner.address] })
    const signMessage = async ({ message }: { message: string }) =>
      serializeErc6492Signature({ address: FACTORY as Address, data, signature: await signer.signMessage({ message }) })
    return { address, signMessage }
  }

  const onBase = { chainId: 8453 }

  test('once it is deployed (ERC-1271)', async () => {
    expect((await signIn(await prepareWalletSignIn(server, contract, onBase))).status).toBe(200)
  })

  test('and before (ERC-6492), as the same account', async () => {
    const before = await signIn(await prepareWalletSignIn(server, undeployed, onBase))
    expect(before.status).toBe(200)
    const client = await chain.place('FakeWalletFactory', FACTORY)
    await client('deploy', wallet.address)
    expect((await signIn(await prepareWalletSignIn(server, undeployed, onBase))).body).toEqual(before.body)
    const bare: WalletSigner = { address: undeployed.address, signMessage: ({ message }) => wallet.signMessage({ message }) }
    expect((await signIn(await prepareWalletSignIn(server, bare, onBase))).body).toEqual(before.body)
  })

  test('as somebody else than a contract at the same address of another chain', async () => {
    const ours = await signIn(await prepareWalletSignIn(server, contract, onBase))
    const other = await startEvmChain(10)
    const stranger = newWallet()
    const write = await other.place('FakeSmartWallet', CONTRACT)
    await write('setOwner', stranger.address)
    const theirs = await withEnv(server, { OPTIMISM_RPC_URL: other.url }, async () =>
      signIn(await prepareWalletSignIn(server, { address: CONTRACT, signMessage: stranger.signMessage }, { chainId: 10 })),
    )
    await other.close()
    expect([ours.status, theirs.status]).toEqual([200, 200])
    expect(theirs.body.user.id).not.toBe(ours.body.user.id)
  })

  test('but not with the signature of somebody else', async () => {
    const stranger = newWallet()
    const others = [
      { address: contract.address, signMessage: stranger.signMessage },
      await counterfactual(wallet, stranger),
      { address: (await counterfactual(newWallet())).address, signMessage: undeployed.signMessage },
      { address: (await counterfactual(newWallet())).address, signMessage: stranger.signMessage },
    ]
    for (const other of others)
      expect(await signIn(await prepareWalletSignIn(server, other, onBase))).toMatchObject({
        status: 401,
        body: { code: 'WALLET_REFUSED' },
      })
  })

  test('and is told to try again while its chain does not answer', async () => {
    const bodies = [await prepareWalletSignIn(server, contract, onBase), await prepareWalletSignIn(server, undeployed, onBase)]
    rpc.isDown = true
    const answers = await Promise.all(bodies.map(signIn))
    rpc.isDown = false
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, body: { code: 'CHAIN_UNAVAILABLE' } })
  })

  test('but not on a chain this server is not connected to, and is told so', async () => {
    expect(await signIn(await prepareWalletSignIn(server, contract, { chainId: 10 }))).toMatchObject({
      status: 401,
      body: { code: 'WALLET_REFUSED', error: expect.stringMatching(/Optimism.*OPTIMISM_RPC_URL/) },
    })
  })
})

describe('a wallet is refused', () => {
  const expectRefused = async (body: SignedMessage, reason: RegExp) => {
    const answer = await signIn(body)
    expect(answer).toMatchObject({ status: 401, body: { code: 'WALLET_REFUSED', error: expect.stringMatching(reason) } })
    expect(answer.headers.get('set-cookie')).toBeNull()
  }

  test('with a nonce of nobody, and one that was used', async () => {
    await expectRefused(await signMessageOf(wallet, 'k3v9q2m7xp'), /nonce/)
    const body = await prepareWalletSignIn(server, wallet)
    expect((await signIn(body)).status).toBe(200)
    await expectRefused(body, /nonce/)
  })

  test('with a nonce that has expired', async () => {
    const body = await prepareWalletSignIn(server, wallet)
    const expiresAt = new Date(Date.now() - 1000).toISOString()
    await server.platform.databases.system.updateTable('oneTimeTokens').set({ expiresAt }).execute()
    await expectRefused(body, /nonce/)
  })

  test('with a nonce that a wrong signature has used up', async () => {
    const body = await prepareWalletSignIn(server, wallet)
    await expectRefused({ ...body, signature: await newWallet().signMessage(body) }, /did not sign|did not make/)
    await expectRefused(body, /nonce/)
  })

  test('with the message of another wallet, or of another site', async () => {
    const other = newWallet()
    await expectRefused({ ...(await prepareWalletSignIn(server, wallet)), address: other.address }, /another wallet/)
    await expectRefused(await prepareWalletSignIn(server, wallet, { domain: 'evil.example.net' }), /evil\.example\.net/)
  })

  test('with a signature that is none', async () => {
    const body = await prepareWalletSignIn(server, wallet, { chainId: 8453 })
    await expectRefused({ ...body, signature: '0x9ab4' }, /did not sign/)
  })

  test('when one message is sent five times at once, all but the first', async () => {
    const body = await prepareWalletSignIn(server, wallet)
    const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401])
  })

  test('when what it signed is no sign-in message', async () => {
    const message = 'app.example.net wants you to sign in\n\nNonce: 8Zk2pQ0aLm'
    const answer = await signIn({ address: wallet.address, message, signature: await wallet.signMessage({ message }) })
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', fields: [{ field: 'message' }] } })
  })
})

describe('new wallets', () => {
  test('are let in as new people are', async () => {
    const known = newWallet()
    const { body } = await signInWithWallet(server, known)
    await withEnv(server, { SIGNUPS: 'closed' }, async () => {
      expect(await signInWithWallet(server, wallet)).toMatchObject({ status: 403, body: { code: 'SIGNUPS_CLOSED' } })
      expect((await signInWithWallet(server, known)).body).toEqual(body)
    })
    await withEnv(server, { SIGNUPS: 'invite' }, async () => {
      expect(await signInWithWallet(server, wallet)).toMatchObject({ status: 403, body: { code: 'INVITE_REQUIRED' } })
      const { referralCode } = (await profileOf(cookieOf(await signInWithWallet(server, known)))).body
      const answer = await signIn({ ...(await prepareWalletSignIn(server, wallet)), referralCode })
      expect(answer.status).toBe(200)
      expect((await profileOf(cookieOf(answer))).body.referral).toEqual({ status: 'pending', credits: 10 })
    })
  })

  test('count like registrations', async () => {
    const strict = await startTestServer({ RATE_LIMIT_SCALE: '1' })
    const statuses: number[] = []
    for (let count = 0; count < 11; count++) statuses.push((await signInWithWallet(strict, newWallet())).status)
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429])
    await strict.close()
  }, 60_000)
})

describe('who has a wallet and nothing else', () => {
  let cookie: string
  beforeEach(async () => void (cookie = cookieOf(await signInWithWallet(server, wallet))))

  const update = (body: object) => server.call('POST', '/api/settings', { cookie, body })

  test('is called what they like, and adds an email without a password', async () => {
    expect((await update({ name: 'Ines Vale' })).body).toMatchObject({ name: 'Ines Vale', email: null })
    const email = `ines-${Date.now()}@example.org`
    expect((await update({ email })).body).toMatchObject({ name: 'Ines Vale', email })
  })

  test('but not from a session that was left open', async () => {
    const authenticatedAt = new Date(Date.now() - 16 * 60_000).toISOString()
    await server.platform.databases.system.updateTable('sessions').set({ authenticatedAt }).execute()
    expect(await update({ email: `late-${Date.now()}@example.org` })).toMatchObject({ status: 403, body: { code: 'REAUTH_REQUIRED' } })
    expect((await profileOf(cookie)).body.email).toBeNull()
  })
})

describe('a wallet is linked', () => {
  let account: TestAccount
  beforeEach(async () => void (account = await server.createAccount()))

  const link = (body: SignedMessage, { cookie } = account) => server.call('POST', '/api/auth/wallets', { cookie, body })
  const linkOf = async (signer: WalletSigner, who: { cookie: string } = account) =>
    link(await prepareWalletLink(server, who, signer), who as TestAccount)
  const identitiesOf = async ({ cookie }: { cookie: string } = account) =>
    (await server.call('GET', '/api/auth/identities', { cookie })).body.identities
  const unlink = (subject: string, { cookie }: { cookie: string } = account) =>
    server.call('DELETE', `/api/auth/identities?issuer=eip155&subject=${subject}`, { cookie })

  test('and signs its person in from then on, until it is unlinked', async () => {
    const linked = await linkOf(wallet)
    const identity = {
      issuer: 'eip155',
      subject: wallet.address.toLowerCase(),
      label: wallet.address,
      email: null,
      createdAt: expect.any(String),
      lastUsed: expect.any(String),
    }
    expect(linked).toMatchObject({ status: 200, body: identity })
    expect(await identitiesOf()).toEqual([identity])
    expect((await signInWithWallet(server, wallet)).body.user.id).toBe(account.id)
    expect((await unlink(identity.subject)).body).toEqual({ success: true })
    expect(await identitiesOf()).toEqual([])
    expect((await signInWithWallet(server, wallet)).body.user.id).not.toBe(account.id)
  })

  test('by nobody but its holder, and not when it is that of somebody', async () => {
    const prepared = await prepareWalletLink(server, account, wallet)
    const stranger = newWallet()
    expect(await link({ ...prepared, signature: await stranger.signMessage(prepared) })).toMatchObject({ status: 401 })
    await signInWithWallet(server, stranger)
    expect(await linkOf(stranger)).toMatchObject({ status: 409, body: { code: 'IDENTITY_TAKEN' } })
    expect(await identitiesOf()).toEqual([])
  })

  test('with a nonce that was given out for that, to its person', async () => {
    const refused = { status: 401, body: { code: 'WALLET_REFUSED', error: expect.stringMatching(/nonce/) } }
    expect(await link(await prepareWalletSignIn(server, wallet))).toMatchObject(refused)
    expect(await link(await prepareWalletLink(server, await server.createAccount(), wallet))).toMatchObject(refused)
    expect(await signIn(await prepareWalletLink(server, account, wallet))).toMatchObject(refused)
  })

  test('or unlinked only by who has signed in a short while ago', async () => {
    const prepared = await prepareWalletLink(server, account, wallet)
    await linkOf(newWallet())
    const [{ subject }] = await identitiesOf()
    const { cookie } = account
    const authenticatedAt = new Date(Date.now() - 16 * 60_000).toISOString()
    await server.platform.databases.system.updateTable('sessions').set({ authenticatedAt }).where('userId', '=', account.id).execute()
    for (const answer of [await link(prepared), await unlink(subject), await server.call('POST', '/api/auth/wallets/nonce', { cookie })])
      expect(answer).toMatchObject({ status: 403, body: { code: 'REAUTH_REQUIRED' } })
    expect(await identitiesOf()).toHaveLength(1)
  })

  test('by no API key', async () => {
    const { key } = account
    const body = await prepareWalletLink(server, account, wallet)
    expect(await server.call('POST', '/api/auth/wallets', { key, body })).toMatchObject({ status: 401, body: { code: 'SESSION_REQUIRED' } })
  })

  test('and the last way in stays', async () => {
    const session = { cookie: cookieOf(await signInWithWallet(server, wallet)) }
    const second = newWallet()
    await linkOf(second, session)
    const answers = await Promise.all([wallet, second].map(({ address }) => unlink(address.toLowerCase(), session)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({ code: 'LAST_WAY_IN' })
    expect(await identitiesOf(session)).toHaveLength(1)
  })

  test('one of somebody else cannot be unlinked', async () => {
    await linkOf(wallet)
    const other = await server.createAccount()
    expect(await unlink(wallet.address.toLowerCase(), other)).toMatchObject({ status: 404, body: { code: 'IDENTITY_NOT_FOUND' } })
    expect(await identitiesOf()).toHaveLength(1)
  })

  test('but not beyond 20', async () => {
    for (let count = 0; count < 20; count++) expect((await linkOf(newWallet())).status).toBe(200)
    expect(await linkOf(newWallet())).toMatchObject({ status: 429, body: { code: 'IDENTITY_LIMIT_REACHED', current: 20, limit: 20 } })
  })
})
