import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  createTestClient,
  defineChain,
  http,
  publicActions,
  stringToHex,
  walletActions,
  zeroHash,
  type Abi,
  type Address,
  type Hex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { packetToBytes } from 'viem/ens'
import { bytesToHex } from 'viem/utils'
import { startAnvil } from './anvil.ts'

/** One of the accounts every chain begins with. */
const bank = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

interface Contract {
  abi: Abi
  code: Hex
}

interface Compiler {
  compile(input: string): string
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[]
  contracts?: Record<string, Record<string, { abi: Abi; evm: { deployedBytecode: { object: string } } }>>
}

/** Compiles the stand-ins; a test needs what they are now, not what they were when somebody last compiled them. */
function compileContracts(): Record<string, Contract> {
  const file = 'chain-contracts.sol'
  const require = createRequire(import.meta.url)
  const { compile } = require('solc') as Compiler
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: readFileSync(new URL(`../fakes/${file}`, import.meta.url), 'utf8') } },
    settings: { outputSelection: { '*': { '*': ['abi', 'evm.deployedBytecode.object'] } } },
  }
  const { errors = [], contracts = {} } = JSON.parse(compile(JSON.stringify(input))) as Output
  const failures = errors.filter(({ severity }) => severity === 'error')
  if (failures.length > 0) throw new Error(failures.map(({ formattedMessage }) => formattedMessage).join('\n'))
  return Object.fromEntries(
    Object.entries(contracts[file]!).map(([name, { abi, evm }]) => [name, { abi, code: `0x${evm.deployedBytecode.object}` }]),
  )
}

let compiled: Record<string, Contract> | undefined

/** A real node with a chain of its own, on which stand-ins can be put at any address. */
export interface EvmChain {
  url: string
  /** Puts a stand-in at an address. @returns how to write to it. */
  place(contract: string, address: Address): Promise<(functionName: string, ...args: unknown[]) => Promise<void>>
  close(): Promise<void>
}

export async function startEvmChain(chainId: number): Promise<EvmChain> {
  const contracts = (compiled ??= compileContracts())
  const { url, close } = await startAnvil(chainId)
  const chain = defineChain({
    id: chainId,
    name: 'Test',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const client = createTestClient({ mode: 'anvil', chain, account: bank, transport: http(url), cacheTime: 0, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions)
  return {
    url,
    async place(contract, address) {
      const { abi, code } = contracts[contract]!
      await client.setCode({ address, bytecode: code })
      return async (functionName, ...args) => {
        const hash = await client.writeContract({ address, abi, functionName, args })
        await client.waitForTransactionReceipt({ hash })
      }
    },
    close,
  }
}

/** An attestation as the service keeps it; what is left out is as in one that is good for ever. */
export interface NewAttestation {
  uid: Hex
  schema: Hex
  recipient: Address
  attester: Address
  /** Unix time in seconds. */
  expirationTime?: bigint
  revocationTime?: bigint
}

const EAS = '0x4200000000000000000000000000000000000021'
const UNIVERSAL_RESOLVER = '0xeeeeeeee14d718c2b47d9923deab1335e144eeee'

/** Puts the attestation service on a chain. @returns what writes an attestation, over an earlier one with its uid. */
export async function placeEas(chain: EvmChain): Promise<(attestation: NewAttestation) => Promise<void>> {
  const write = await chain.place('FakeEas', EAS)
  return (attestation) =>
    write('put', { time: 1n, expirationTime: 0n, revocationTime: 0n, refUID: zeroHash, revocable: true, data: '0x', ...attestation })
}

/** The names of a chain. */
export interface Names {
  /** An account calls itself by a name; the resolver does not look where it leads when it is `isBelieved`. */
  claim(account: Address, name: string, isBelieved?: boolean): Promise<void>
  point(name: string, target: Address): Promise<void>
  /** The name is resolved by a server outside of the chain. */
  sendAway(name: string, gateway: string): Promise<void>
}

export async function placeEns(chain: EvmChain): Promise<Names> {
  const write = await chain.place('FakeUniversalResolver', UNIVERSAL_RESOLVER)
  const encode = (name: string): Hex => bytesToHex(packetToBytes(name))
  return {
    claim: (account, name, isBelieved = false) => write('claim', account, name, encode(name), isBelieved),
    point: (name, target) => write('point', encode(name), target),
    sendAway: (name, gateway) => write('sendAway', encode(name), gateway),
  }
}

/** A uid that nobody else uses. */
export const uidOf = (text: string): Hex => stringToHex(text, { size: 32 })
