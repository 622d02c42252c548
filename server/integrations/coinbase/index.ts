export { checkHostedWallets, getHostedWallet, hasHostedWallets } from './cdp.ts'
