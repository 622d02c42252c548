import { useEffect, useState } from 'react'
import { watchWallets, type InjectedWallet } from './injected-wallets.ts'

/** The wallets of this browser, in the order in which they came. */
export function useWallets(): InjectedWallet[] {
  const [wallets, setWallets] = useState<InjectedWallet[]>([])
  useEffect(
    () => watchWallets((wallet) => setWallets((known) => (known.some(({ id }) => id === wallet.id) ? known : [...known, wallet]))),
    [],
  )
  return wallets
}
