import { useQuery } from '@tanstack/react-query'
import type { Profile } from '../../../../server/identity/accounts/accounts.contract.ts'
import type { Trial } from '../../../../server/money/billing/billing.contract.ts'
import { useTRPC } from '../../../trpc/client.tsx'
import { CopyButton } from '../../../ui/copy-button.tsx'

export function PlanFacts({ profile }: { profile: Profile }) {
  const trpc = useTRPC()
  const trial = useQuery(trpc.billing.trial.queryOptions())
  return (
    <dl className="grid gap-4 text-sm sm:grid-cols-3">
      <div>
        <dt className="text-muted">Plan</dt>
        <dd className="font-medium capitalize">{profile.plan}</dd>
        {trial.data && <dd className="text-muted">{trialWords(trial.data)}</dd>}
      </div>
      <div>
        <dt className="text-muted">Credits</dt>
        <dd className="font-medium tabular-nums">{profile.credits}</dd>
      </div>
      <div>
        <dt className="text-muted">Referral code</dt>
        <dd className="flex flex-wrap items-center gap-3">
          <span className="font-mono font-medium">{profile.referralCode}</span>
          <CopyButton text={profile.referralCode} what="the referral code" />
        </dd>
        <dd className="mt-1 text-muted">{referralWords(profile.referrals)}</dd>
        {profile.referral?.status === 'pending' && (
          <dd className="mt-1 text-muted">
            You get {profile.referral.credits} credits for the code you signed up with once your address is verified or your first deposit
            has arrived.
          </dd>
        )}
      </div>
    </dl>
  )
}

function referralWords({ pending, credited, limit }: Profile['referrals']): string {
  if (credited >= limit) return limit === 0 ? 'Referrals bring no credits here.' : 'You have got credits for as many referrals as one can.'
  const offer = 'Whoever signs up with it gets credits, and so do you, once their address is verified or their first deposit has arrived.'
  return pending === 0 ? offer : `${offer} Not yet: ${pending}.`
}

function trialWords({ trial, expired, daysLeft }: Trial): string {
  if (!trial) return ''
  if (expired) return 'Your trial is over.'
  return daysLeft === 1 ? 'On trial, 1 day left.' : `On trial, ${daysLeft} days left.`
}
