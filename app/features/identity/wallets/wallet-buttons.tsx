import { useMutation } from '@tanstack/react-query'
import { Wallet } from 'lucide-react'
import { useTRPCClient } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { isRejection, type InjectedWallet } from './injected-wallets.ts'

interface WalletButtonsProps {
  wallets: InjectedWallet[]
  /** Of an existing account, for wallets nobody has signed in with yet. */
  referralCode?: string | undefined
  onSignedIn(): void
  onRefused(error: unknown): void
}

/** A button for each wallet. */
export function WalletButtons({ wallets, referralCode, onSignedIn, onRefused }: WalletButtonsProps) {
  const client = useTRPCClient()
  const signIn = useMutation({
    mutationFn: async ({ provider }: InjectedWallet) => {
      const { signMessage } = await import('./sign-message.ts')
      const signed = await signMessage(provider, 'Sign in to Agentbot.', () => client.wallets.nonce.query({}))
      return client.wallets.signIn.mutate({ ...signed, ...(referralCode ? { referralCode } : {}) })
    },
    onSuccess: onSignedIn,
    onError: onRefused,
  })
  return (
    <>
      {wallets.map((wallet) => (
        <Button
          key={wallet.id}
          onClick={() => signIn.mutate(wallet)}
          disabled={signIn.isPending || signIn.isSuccess}
          isBusy={(signIn.isPending || signIn.isSuccess) && signIn.variables?.id === wallet.id}
        >
          <WalletIcon wallet={wallet} /> Sign in with {wallet.name}
        </Button>
      ))}
      <WalletProblem error={signIn.error} />
    </>
  )
}

/** As the wallet shows itself. */
export const WalletIcon = ({ wallet }: { wallet: InjectedWallet }) =>
  wallet.icon ? <img src={wallet.icon} alt="" className="size-5 rounded" /> : <Wallet size={18} aria-hidden />

/** Why nothing came of it, in words. */
export function WalletProblem({ error }: { error: unknown }) {
  if (error === null) return null
  if (isRejection(error)) return <Notice>You said no in your wallet. Nothing was signed.</Notice>
  return <ErrorNotice error={error} />
}
