export { registerSignInWallet } from './wallets.service.ts'
