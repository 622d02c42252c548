import type { MetaFunction } from '@remix-run/node'
import { RestoreForm } from '../../features/automation/deletion/restore-form.tsx'

export const meta: MetaFunction = () => [{ title: 'Take an account back · Agentbot' }]

export default function RestorePage() {
  return (
    <>
      <h1>Take your account back</h1>
      <RestoreForm />
    </>
  )
}
