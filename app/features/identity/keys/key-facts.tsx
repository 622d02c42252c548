import { formatCents } from '#server/platform/money/usd.contract.ts'
import type { ReactNode } from 'react'
import type { ApiKey } from '../../../../server/identity/keys/keys.contract.ts'
import { Time } from '../../../ui/time.tsx'

const isPast = (at: string): boolean => Date.parse(at) < Date.now()

/** What is known of a key: never the key itself. */
export function KeyFacts({ apiKey }: { apiKey: ApiKey }) {
  const { name, keyPreview, scopes, leakedAt } = apiKey
  return (
    <div className="grid min-w-0 flex-1 basis-full gap-1 sm:basis-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
        <span className="font-mono text-xs text-muted">{keyPreview}</span>
      </p>
      {leakedAt && (
        <p className="text-sm font-medium text-danger">
          Reported as leaked <Time at={leakedAt} /> and switched off. Replace it.
        </p>
      )}
      <p className="text-sm text-muted">
        {scopes ? <span className="font-mono text-xs">{scopes.join(', ')}</span> : 'May do everything a key can'}
      </p>
      <p className="text-sm text-muted [overflow-wrap:anywhere]">
        {factsOf(apiKey).map((fact, index) => (
          <span key={index}>
            {index > 0 && ' · '}
            {fact}
          </span>
        ))}
      </p>
    </div>
  )
}

function factsOf({
  createdAt,
  createdBy,
  lastUsed,
  lastAddress,
  expiresAt,
  oldKeyExpiresAt,
  rateLimit,
  spendLimitCents,
  allowedAddresses,
}: ApiKey) {
  const facts: ReactNode[] = [
    <>
      created <Time at={createdAt} /> by {createdBy ? (createdBy.name ?? 'somebody who left') : 'somebody who is gone'}
    </>,
    lastUsed ? (
      <>
        last used <Time at={lastUsed} />
        {lastAddress && ` from ${lastAddress}`}
      </>
    ) : (
      'never used'
    ),
  ]
  if (expiresAt)
    facts.push(
      <span className={isPast(expiresAt) ? 'text-danger' : undefined}>
        {isPast(expiresAt) ? 'expired' : 'expires'} <Time at={expiresAt} />
      </span>,
    )
  if (oldKeyExpiresAt && !isPast(oldKeyExpiresAt))
    facts.push(
      <>
        the old key stops <Time at={oldKeyExpiresAt} />
      </>,
    )
  if (rateLimit !== null) facts.push(`${rateLimit} calls per minute`)
  if (spendLimitCents !== null) facts.push(`$${formatCents(spendLimitCents)} a month`)
  if (allowedAddresses) facts.push(`only from ${allowedAddresses.join(', ')}`)
  return facts
}
