import type { MetaFunction } from '@remix-run/node'
import { ForgotPasswordForm } from '../../features/identity/mailbox/forgot-password-form.tsx'

export const meta: MetaFunction = () => [{ title: 'Forgotten password · Agentbot' }]

export default function ForgotPasswordPage() {
  return (
    <>
      <h1>Forgotten password</h1>
      <ForgotPasswordForm />
    </>
  )
}
