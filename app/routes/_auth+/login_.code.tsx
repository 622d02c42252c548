import type { MetaFunction } from '@remix-run/node'
import { CodeForm } from '../../features/identity/auth/code-form.tsx'

export const meta: MetaFunction = () => [{ title: 'Code · Agentbot' }]

export default function CodePage() {
  return (
    <>
      <h1>One more step</h1>
      <CodeForm />
    </>
  )
}
