import { redirect, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { LoginForm } from '../../features/identity/auth/login-form.tsx'
import { nextPath } from '../../features/identity/auth/next-path.ts'
import { findVisitor } from '../../http/page.server.ts'

export const meta: MetaFunction = () => [{ title: 'Sign in · Agentbot' }]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user } = await findVisitor(request, context)
  if (user) throw redirect(nextPath(new URL(request.url).searchParams.get('next')))
  return null
}

export default function LoginPage() {
  return (
    <>
      <h1>Sign in</h1>
      <LoginForm />
    </>
  )
}
