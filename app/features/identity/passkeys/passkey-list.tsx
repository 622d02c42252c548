import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { useIsHere } from '../../../shell/use-is-here.ts'
import { AddPasskey } from './add-passkey.tsx'
import { canUsePasskeys } from './browser-passkeys.ts'
import { PasskeyRow } from './passkey-row.tsx'

/** The passkeys somebody signs in with. `origin` is the public address of the server. */
export function PasskeyList({ origin }: { origin: string }) {
  const trpc = useTRPC()
  const { data: passkeys, error, isError, refetch } = useQuery(trpc.passkeys.list.queryOptions({}))
  const isHere = useIsHere(origin)
  if (!passkeys) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={1} />
  const isPossible = isHere && canUsePasskeys()
  return (
    <div className="grid gap-4">
      {passkeys.length === 0 ? (
        <p className="text-sm text-muted">No passkey yet.</p>
      ) : (
        <ul className="grid gap-2">
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {isPossible === true && <AddPasskey />}
      {isPossible === false && (
        <p className="text-sm text-muted">
          Passkeys can only be made at <span className="font-mono">{origin}</span>, over HTTPS or on localhost, and not at the address of a
          machine.
        </p>
      )}
    </div>
  )
}
