export { type ChainKeyRow, createChainKey, listKeys } from './chain-keys.service.ts'
export { type TransferRow, cancelTransfer, listTransfersOfKeys, queueTransfer, transferOf } from './transfers.service.ts'
export { driveTransfers, driveTransfersSoon, incomingTransfers } from './work.service.ts'
