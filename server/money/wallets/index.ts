export { type PayingWallet, findPayingWallet, payFromWallet } from './pay.service.ts'
export { findAccountOfWallet, registerSignInWallet } from './wallets.service.ts'
