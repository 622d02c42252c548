import type { Address, Hex } from 'viem'

/** Where Coinbase attests on a chain, and to what. The first schema is that of a verified account, the second of a verified country. */
interface CoinbaseContracts {
  attester: Address
  indexer: Address
  schemas: readonly Hex[]
}

/** As Coinbase publishes them in github.com/coinbase/verifications. */
const main: CoinbaseContracts = {
  attester: '0x357458739F90461b99789350868CD7CF330Dd7EE',
  indexer: '0x2c7eE1E5f416dfF40054c27A62f7B357C4E8619C',
  schemas: [
    '0xf8b05c79f090979bf4a80270aba232dff11a10d9ca55c4f88de95317970f0de9',
    '0x1801901fabd0e6189356b4fb52bb0ab855276d84f7ec140839fbd1f6801ca065',
  ],
}
const sepolia: CoinbaseContracts = {
  attester: '0xB5644397a9733f86Cacd928478B29b4cD6041C45',
  indexer: '0xd147a19c3B085Fb9B0c15D2EAAFC6CB086ea849B',
  schemas: [
    '0x2f34a2ffe5f87b2f45fbc7c784896b768d77261e2f24f77341ae43751c765a69',
    '0xef54ae90f47a187acc050ce631c55584fd4273c0ca9456ab21750921c3a84028',
  ],
}

const SEPOLIA_ID = 84532

export const coinbaseOn = (chainId: number): CoinbaseContracts => (chainId === SEPOLIA_ID ? sepolia : main)
