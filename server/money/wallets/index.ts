export { findAccountOfWallet, registerSignInWallet } from './wallets.service.ts'
