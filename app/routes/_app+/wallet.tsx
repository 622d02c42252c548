import type { MetaFunction } from '@remix-run/node'
import { useQuery } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { useState } from 'react'
import { HistorySection } from '../../features/money/wallets/history-section.tsx'
import { PaymentSessions } from '../../features/money/wallets/payment-sessions.tsx'
import { PolicySection } from '../../features/money/wallets/policy-section.tsx'
import { SendDialog } from '../../features/money/wallets/send-dialog.tsx'
import { SendList } from '../../features/money/wallets/send-list.tsx'
import { TopUpMessage } from '../../features/money/wallets/top-up-message.tsx'
import { WalletSection } from '../../features/money/wallets/wallet-section.tsx'
import { useTRPC } from '../../trpc/client.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice, SkeletonList } from '../../ui/notice.tsx'
import { PageHeader } from '../../ui/page.tsx'
import { useMay } from '../../workspace/workspace.ts'

export const meta: MetaFunction = () => [{ title: 'Wallet · Agentbot' }]

export default function WalletPage() {
  const trpc = useTRPC()
  const maySpend = useMay('wallet:spend')
  const [isOpen, setOpen] = useState(false)
  const { data: wallet, error, isError, refetch } = useQuery(trpc.wallet.own.queryOptions())
  return (
    <>
      <PageHeader
        title="Wallet"
        actions={
          maySpend &&
          wallet?.hasWallet && (
            <Button look="primary" onClick={() => setOpen(true)}>
              <Send size={16} aria-hidden /> Send USDC
            </Button>
          )
        }
      >
        USDC and ether of this workspace on Base.
      </PageHeader>
      <div className="grid gap-6">
        <TopUpMessage />
        {!wallet && (isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList className="h-24" />)}
        {wallet && <WalletSection wallet={wallet} />}
        {wallet?.address && (
          <>
            <SendList />
            <PolicySection />
            {wallet.balance !== null && <HistorySection address={wallet.address} />}
            <PaymentSessions address={wallet.address} />
          </>
        )}
      </div>
      <SendDialog isOpen={isOpen} onOpenChange={setOpen} />
    </>
  )
}
