import { useNavigate, useSearchParams } from '@remix-run/react'
import { canUsePasskeys } from '../passkeys/browser-passkeys.ts'
import { PasskeyButton } from '../passkeys/passkey-button.tsx'
import { useWallets } from '../wallets/use-wallets.ts'
import { WalletButtons } from '../wallets/wallet-buttons.tsx'
import { nextPath } from './next-path.ts'
import { secondStepOf } from './second-step.ts'
import { useIsHere } from '../../../shell/use-is-here.ts'

interface DeviceSignInsProps {
  /** Public address of the server: what a wallet or a passkey signs is good there alone. */
  origin: string
  /** Whether passkeys are offered too: they are of people who have an account. */
  hasPasskeys?: boolean
}

/** What this device itself can sign in with; nothing where that is nothing. */
export function DeviceSignIns({ origin, hasPasskeys = false }: DeviceSignInsProps) {
  const navigate = useNavigate()
  const [params] = useSearchParams()
  const wallets = useWallets()
  const isHere = useIsHere(origin) === true
  const next = nextPath(params.get('next'))
  const goOn = () => navigate(next, { replace: true })
  const offersWallets = isHere && wallets.length > 0
  const offersPasskeys = isHere && hasPasskeys && canUsePasskeys()
  if (!offersWallets && !offersPasskeys) return null
  return (
    <div role="group" aria-label="Other ways to sign in" className="grid gap-3">
      <p className="flex items-center gap-3 text-sm text-muted before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
      {offersPasskeys && <PasskeyButton onSignedIn={goOn} />}
      {offersWallets && (
        <WalletButtons
          wallets={wallets}
          referralCode={params.get('ref') ?? undefined}
          onSignedIn={goOn}
          onRefused={(error) => {
            const secondStep = secondStepOf(error, next)
            if (secondStep) navigate(secondStep)
          }}
        />
      )}
    </div>
  )
}
