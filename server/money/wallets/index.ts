export { registerSignInWallet } from './wallets.service.ts'
export { type PayingWallet, findPayingWallet, payFromWallet } from './pay.service.ts'
