import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SecondFactorStatus } from '../../../../server/identity/second-factor/second-factor.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { Button } from '../../../ui/button.tsx'
import { ErrorNotice, Notice, SkeletonList } from '../../../ui/notice.tsx'
import { Time } from '../../../ui/time.tsx'
import { CodeDialog } from './code-dialog.tsx'
import { SetupDialog } from './setup-dialog.tsx'

export function SecondFactorPanel() {
  const trpc = useTRPC()
  const { data, error, isError, refetch } = useQuery(trpc.secondFactor.status.queryOptions())
  if (!data) return isError ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <SkeletonList rows={1} />
  return data.isActive ? <Active status={data} /> : <Inactive />
}

function Inactive() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Set up an authenticator app</Button>
      {isOpen && <SetupDialog onClose={() => setOpen(false)} />}
    </>
  )
}

function Active({ status }: { status: SecondFactorStatus }) {
  const [open, setOpen] = useState<'renew' | 'disable' | null>(null)
  const { activatedAt, recoveryCodesLeft, isLocked } = status
  return (
    <div className="grid gap-4">
      {isLocked && (
        <Notice tone="danger">
          There were ten wrong codes in a row, so codes of the app do not count. Use a recovery code here, and change your password if that
          was not you.
        </Notice>
      )}
      {recoveryCodesLeft <= 3 && <Notice tone="warn">Few recovery codes are left. Make new ones before you need them.</Notice>}
      <p className="text-sm">
        On since {activatedAt && <Time at={activatedAt} isExact />}. {recoveryCodesLeft} of 10 recovery codes left.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setOpen('renew')}>New recovery codes</Button>
        <Button onClick={() => setOpen('disable')}>Switch off</Button>
      </div>
      {open && <CodeDialog purpose={open} onClose={() => setOpen(null)} />}
    </div>
  )
}
