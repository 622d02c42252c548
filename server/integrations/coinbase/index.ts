export { checkHostedWallets, coinbaseHeaders, getHostedWallet, hasHostedWallets } from './cdp.ts'
