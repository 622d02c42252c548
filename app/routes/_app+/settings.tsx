import type { MetaFunction } from '@remix-run/node'
import { SettingsPanels } from '../../features/identity/accounts/settings-panels.tsx'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Settings · Agentbot' }]

export default function SettingsPage() {
  return (
    <>
      <PageHeader title="Settings" />
      <SettingsPanels />
    </>
  )
}
