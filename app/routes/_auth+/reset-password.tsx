import type { MetaFunction } from '@remix-run/node'
import { ResetPasswordForm } from '../../features/identity/mailbox/reset-password-form.tsx'

export const meta: MetaFunction = () => [{ title: 'New password · Agentbot' }]

export default function ResetPasswordPage() {
  return (
    <>
      <h1>New password</h1>
      <ResetPasswordForm />
    </>
  )
}
