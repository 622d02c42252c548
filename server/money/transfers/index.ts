export { type ChainKeyRow, createChainKey, listKeys, sealedChainKeys } from './chain-keys.service.ts'
export { type TransferRow, cancelTransfer, listTransfersOfKeys, queueTransfer, transferOf } from './transfers.service.ts'
export { driveTransfers, driveTransfersSoon, incomingTransfers } from './work.service.ts'
export { planTransfer } from './plan.service.ts'
