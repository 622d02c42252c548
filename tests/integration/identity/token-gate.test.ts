import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEvmChain, type EvmChain } from '../../helpers/evm-chains.ts'
import { startRpcProxy, type RpcProxy } from '../../helpers/rpc-proxy.ts'
import { startTestServer, type TestServer } from '../../helpers/test-server.ts'

const TOKEN = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'
const RICH = '0x52908400098527886E0F7030069857D2E4169EE7'
const POOR = '0x00000000000000000000000000000000000000aa'
const LEAST = 10n ** 18n

let chain: EvmChain
let rpc: RpcProxy
let server: TestServer
beforeAll(async () => {
  chain = await startEvmChain(8453)
  const write = await chain.place('FakeToken', TOKEN)
  await write('mint', RICH, LEAST)
  await write('mint', POOR, LEAST - 1n)
  rpc = await startRpcProxy(chain.url)
  server = await startTestServer({ TOKEN_GATING_ADDRESS: TOKEN, TOKEN_GATING_MIN_BALANCE: String(LEAST), BASE_RPC_URL: rpc.url })
})
afterAll(async () => {
  await server.close()
  await rpc.close()
  await chain.close()
})

const check = (address: string, { call } = server) => call('GET', `/api/auth/token-gating/verify?address=${address}`)
const verify = (body: unknown) => server.call('POST', '/api/auth/token-gating/verify', { body })

describe('whether a wallet has enough of the token', () => {
  const access = { tokenGated: true, minBalance: '1000000000000000000', token: 'RAVE', chain: 'base' }

  test('is what the contract says', async () => {
    expect((await check(RICH)).body).toEqual({ ...access, address: RICH, hasAccess: true, contractAddress: TOKEN })
    expect((await check(POOR)).body).toMatchObject({ address: POOR, hasAccess: false })
  })

  test('does not depend on the case of its address', async () => {
    for (const address of [RICH.toLowerCase(), RICH.toUpperCase().replace('0X', '0x'), RICH.replace('E7', 'e7')])
      expect((await check(address)).body).toMatchObject({ address, hasAccess: true })
  })

  test('can be asked for a Farcaster user, whom that says nothing about', async () => {
    expect((await verify({ fid: '20417', address: RICH })).body).toEqual({
      ...access,
      address: RICH,
      hasAccess: true,
      fid: '20417',
      message: 'Enough tokens.',
      timestamp: expect.any(String),
    })
    expect((await verify({ fid: '1', address: POOR })).body).toMatchObject({ hasAccess: false, message: 'Not enough tokens.' })
  })

  test('is no "no" while the chain does not answer', async () => {
    rpc.isDown = true
    const answers = [await check(RICH), await verify({ fid: '1', address: RICH })]
    rpc.isDown = false
    for (const answer of answers) expect(answer).toMatchObject({ status: 502, body: { code: 'CHAIN_UNREADABLE' } })
    expect((await check(RICH)).status).toBe(200)
  })

  test('is not known where there is no such token', async () => {
    const other = await startTestServer({ TOKEN_GATING_ADDRESS: POOR, TOKEN_GATING_RPC: chain.url })
    expect(await check(RICH, other)).toMatchObject({ status: 502, body: { code: 'CHAIN_UNREADABLE' } })
    await other.close()
  })

  test('is not asked on a server without a token', async () => {
    const other = await startTestServer()
    expect(await check(RICH, other)).toMatchObject({ status: 503, body: { code: 'TOKEN_GATE_NOT_CONFIGURED' } })
    await other.close()
  })
})
