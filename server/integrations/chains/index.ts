export { type Attestation, findAttestation, findAttestationUid } from './attestations.ts'
export { baseChainId, baseClient } from './base.ts'
export { findAuthorizedTransfer } from './base-authorizations.ts'
export { readBalances, readL1Fee } from './base-balances.ts'
export { findBaseReceipt, findBlockHash, readBlockTime, readHead } from './base-blocks.ts'
export { scanNativeTransfers } from './base-native-scan.ts'
export {
  type Fees,
  type Outgoing,
  type SignedTransaction,
  countTransactions,
  estimateFees,
  sendTransaction,
  signTransfer,
} from './base-sending.ts'
export { type BaseNetwork, baseNetwork, connectedNetworks, explorerUrl, networkOfChain, usdcAddress } from './base-tokens.ts'
export { type LoggedTransfer, readTransferLogs } from './base-transfer-logs.ts'
export { broadcast } from './broadcast.ts'
export { ChainNotConfigured, ChainUnreadable } from './chains.errors.ts'
export { findPrimaryName } from './ens.ts'
export { ethereumClient } from './ethereum.ts'
export { simulateTransfer } from './preflight.ts'
export { isSignedBy } from './signatures.ts'
export { readTokenBalance } from './token-balance.ts'
export { findWalletSigner, walletChainIds } from './wallets.ts'
export { tempoChainId } from './tempo.ts'
export { type IncomingTransfer, type TempoReceipt, findReceipt, findTransferTo, transfersIn } from './transfers.ts'
