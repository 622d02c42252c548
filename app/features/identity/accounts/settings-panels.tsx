import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../trpc/client.tsx'
import { ErrorNotice, SkeletonList } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { DangerZone } from '../../automation/deletion/danger-zone.tsx'
import { ExportPanel } from '../../automation/exports/export-panel.tsx'
import { UnverifiedNotice } from '../mailbox/unverified-notice.tsx'
import { PasskeyList } from '../passkeys/passkey-list.tsx'
import { WalletList } from '../wallets/wallet-list.tsx'
import { ConnectedSignIns } from '../security/connected-sign-ins.tsx'
import { SecondFactorPanel } from '../security/second-factor-panel.tsx'
import { SessionList } from '../security/session-list.tsx'
import { PasswordForm } from './password-form.tsx'
import { PlanFacts } from './plan-facts.tsx'
import { ProfileForm } from './profile-form.tsx'
import { ThemeChoice } from './theme-choice.tsx'

/** @param origin Public address of the server. */
export function SettingsPanels({ origin }: { origin: string }) {
  const trpc = useTRPC()
  const profile = useQuery(trpc.accounts.profile.queryOptions())
  if (!profile.data) {
    return profile.isError ? (
      <ErrorNotice error={profile.error} onRetry={() => void profile.refetch()} />
    ) : (
      <SkeletonList className="h-52" />
    )
  }
  return (
    <div className="grid gap-5">
      <UnverifiedNotice />
      <Section title="Profile">
        <ProfileForm profile={profile.data} />
      </Section>
      <Section title="Plan and referral">
        <PlanFacts profile={profile.data} />
      </Section>
      <Section title="Appearance">
        <ThemeChoice />
      </Section>
      <Section title="Password" about="Changing it signs you out everywhere else.">
        <PasswordForm email={profile.data.email} />
      </Section>
      <Section title="Passkeys" about="Sign in with your finger, your face or the PIN of a device. That is two factors in one.">
        <PasskeyList origin={origin} />
      </Section>
      <Section title="Wallets" about="Sign in by signing a message with a wallet. It costs nothing and moves nothing.">
        <WalletList origin={origin} />
      </Section>
      <Section
        title="Second factor"
        about="Signing in then asks for a code of your authenticator app as well. A passkey is two factors itself."
      >
        <SecondFactorPanel />
      </Section>
      <Section title="Connected sign-ins" about="Accounts elsewhere that sign you in here.">
        <ConnectedSignIns />
      </Section>
      <Section title="Where you are signed in">
        <SessionList />
      </Section>
      <Section
        title="Your data"
        about="An archive of everything the workspace has: rows as JSON, and the uploaded files, without secrets. It is kept for a day."
      >
        <ExportPanel />
      </Section>
      <Section title="Danger zone">
        <DangerZone />
      </Section>
    </div>
  )
}
