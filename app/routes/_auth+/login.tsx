import { useLoaderData } from '@remix-run/react'
import { redirect, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { DeviceSignIns } from '../../features/identity/auth/device-sign-ins.tsx'
import { ProviderLinks } from '../../features/identity/auth/provider-links.tsx'
import { LoginForm } from '../../features/identity/auth/login-form.tsx'
import { SignInProblem } from '../../features/identity/auth/sign-in-problem.tsx'
import { nextPath } from '../../features/identity/auth/next-path.ts'
import { findVisitor, originOf, readProviders } from '../../http/page.server.ts'

export const meta: MetaFunction = () => [{ title: 'Sign in · Agentbot' }]

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user } = await findVisitor(request, context)
  if (user) throw redirect(nextPath(new URL(request.url).searchParams.get('next')))
  return { origin: originOf(context), providers: await readProviders(request, context) }
}

export default function LoginPage() {
  const { origin, providers } = useLoaderData<typeof loader>()
  return (
    <>
      <h1>Sign in</h1>
      <SignInProblem />
      <ProviderLinks providers={providers} />
      <LoginForm />
      <DeviceSignIns origin={origin} hasPasskeys />
    </>
  )
}
