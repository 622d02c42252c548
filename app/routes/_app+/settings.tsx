import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node'
import { useLoaderData } from '@remix-run/react'
import { SettingsPanels } from '../../features/identity/accounts/settings-panels.tsx'
import { originOf } from '../../http/page.server.ts'
import { PageHeader } from '../../ui/page.tsx'

export const meta: MetaFunction = () => [{ title: 'Settings · Agentbot' }]

export const loader = ({ context }: LoaderFunctionArgs) => ({ origin: originOf(context) })

export default function SettingsPage() {
  const { origin } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader title="Settings" />
      <SettingsPanels origin={origin} />
    </>
  )
}
