import { KeyRound } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { usePasskeySignIn } from './use-passkey-sign-in.ts'

/** Signs in with a passkey of this device. */
export function PasskeyButton({ onSignedIn }: { onSignedIn(): void }) {
  const { start, isBusy, error } = usePasskeySignIn(onSignedIn)
  return (
    <>
      <Button onClick={start} isBusy={isBusy}>
        <KeyRound size={18} aria-hidden /> Sign in with a passkey
      </Button>
      {error !== null && <ErrorNotice error={error} />}
    </>
  )
}
