import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import type { OwnWallet } from '../../../../server/money/wallets/wallets.contract.ts'
import { formatTokenUnits, parseTokenUnits, USDC_DECIMALS } from '../../../../server/platform/money/token-units.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { EmptyState, ErrorNotice, Notice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { useMay } from '../../../workspace/workspace.ts'
import { ReceiveSection } from './receive-section.tsx'
import { shortEther } from './short-ether.ts'

/** What the wallet has, and where it gets money; or how to make one. */
export const WalletSection = ({ wallet }: { wallet: OwnWallet }) =>
  wallet.address === null ? <NoWallet /> : <Balances wallet={wallet} address={wallet.address} />

function NoWallet() {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const mayCreate = useMay('payments:write')
  const create = useMutation(
    trpc.wallet.create.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.wallet.pathFilter())
        toast.success('The wallet is ready.')
      },
    }),
  )
  return (
    <EmptyState
      title="No wallet yet"
      action={
        mayCreate && (
          <Button look="primary" isBusy={create.isPending} onClick={() => create.mutate({})}>
            Create a wallet
          </Button>
        )
      }
    >
      Its key stays on this server, sealed, and is never shown: whoever runs the server can use it.
      {create.isError && <ErrorNotice error={create.error} />}
    </EmptyState>
  )
}

function Balances({ wallet, address }: { wallet: OwnWallet; address: string }) {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.wallet.show.queryOptions({ address }, { enabled: wallet.balance !== null }))
  const balances = data?.balances
  return (
    <>
      <Section
        title="Balance"
        about={wallet.network === 'base-sepolia' ? 'On the test network: nothing here is worth anything.' : undefined}
      >
        {wallet.balance === null ? (
          <Notice tone="warn">What it has is not known now. {wallet.message}</Notice>
        ) : (
          <dl className="grid grid-cols-2 gap-4">
            <Amount name="USDC" amount={formatTokenUnits(parseTokenUnits(wallet.balance, USDC_DECIMALS), USDC_DECIMALS, 2)} />
            {balances && <Amount name="ETH, for gas" amount={shortEther(balances.nativeBalance.balance)} />}
          </dl>
        )}
      </Section>
      <ReceiveSection address={address} network={wallet.network} explorerUrl={balances?.explorerUrl} />
    </>
  )
}

const Amount = ({ name, amount }: { name: string; amount: string }) => (
  <div>
    <dt className="text-sm text-muted">{name}</dt>
    <dd className="text-2xl font-semibold tabular-nums [overflow-wrap:anywhere]">{amount}</dd>
  </div>
)
