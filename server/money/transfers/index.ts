export { type ChainKeyRow, createChainKey, sealedChainKeys } from './chain-keys.service.ts'
export { queueTransfer, transferOf } from './transfers.service.ts'
export { driveTransfers, driveTransfersSoon, incomingTransfers } from './work.service.ts'
export { planTransfer } from './plan.service.ts'
