import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { usdcAddress } from '../../server/integrations/chains/index.ts'
import { decodeFunctionData, encodeFunctionResult, numberToHex, type Hex } from 'viem'

const abi = [
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ name: 'account', type: 'address' }],
    outputs: [{ name: '', type: 'uint256' }],
  },
  { type: 'function', name: 'symbol', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'string' }] },
] as const

/** A chain on which there is one token (ERC-20) and USDC, of which everybody has the same, and ether. Nothing ever moves on it. */
export interface TokenChain {
  url: string
  token: string
  close(): Promise<void>
}

interface Request {
  id: number
  method: string
  params: [{ to: string; data: Hex }]
}

const usdc = usdcAddress({ BASE_RPC_URL: 'https://base.example' })

/** For tests of everything else: those of tokens themselves have a real chain. */
export async function startTokenChain({ chainId = 8453, symbol = 'RAVE', balance = 10n ** 18n } = {}): Promise<TokenChain> {
  const token = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'
  const call = ([{ to, data }]: Request['params']): Hex => {
    if (![token.toLowerCase(), usdc].includes(to.toLowerCase())) return '0x'
    const { functionName } = decodeFunctionData({ abi, data })
    return functionName === 'symbol'
      ? encodeFunctionResult({ abi, functionName, result: symbol })
      : encodeFunctionResult({ abi, functionName, result: balance })
  }
  const block = { number: '0x64', hash: `0x${'64'.repeat(32)}`, timestamp: '0x65000000', baseFeePerGas: '0x1', transactions: [] }
  const answers: Record<string, (params: Request['params']) => unknown> = {
    eth_chainId: () => numberToHex(chainId),
    eth_call: call,
    eth_blockNumber: () => block.number,
    eth_getBlockByNumber: () => block,
    eth_getBalance: () => numberToHex(balance),
    eth_getCode: () => '0x',
    eth_getLogs: () => [],
    eth_getTransactionCount: () => '0x0',
    eth_estimateGas: () => '0xea60',
    eth_maxPriorityFeePerGas: () => '0x1',
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as Request
    const answer = answers[method]
    const outcome = answer ? { result: answer(params) } : { error: { code: -32601, message: 'the method does not exist' } }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...outcome }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
