/** What a wallet takes requests by (EIP-1193). */
export interface WalletProvider {
  request(request: { method: string; params?: unknown[] }): Promise<unknown>
}

/** A wallet of this browser, as it introduces itself (EIP-6963). */
export interface InjectedWallet {
  id: string
  name: string
  /** A `data:` address; undefined for a wallet that wants its icon fetched from somewhere. */
  icon: string | undefined
  provider: WalletProvider
}

interface Announcement {
  info: { uuid: string; name: string; icon: string }
  provider: WalletProvider
}

/**
 * Asks the wallets of this browser to introduce themselves, and hears of those that come later.
 *
 * @returns stops hearing of them.
 */
export function watchWallets(onFound: (wallet: InjectedWallet) => void): () => void {
  const hear = (event: Event) => {
    const { info, provider } = (event as CustomEvent<Announcement>).detail
    onFound({ id: info.uuid, name: info.name, icon: info.icon.startsWith('data:image/') ? info.icon : undefined, provider })
  }
  window.addEventListener('eip6963:announceProvider', hear)
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  return () => window.removeEventListener('eip6963:announceProvider', hear)
}

const USER_REJECTED = 4001

/** Whether somebody said no in their wallet. */
export const isRejection = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === USER_REJECTED
